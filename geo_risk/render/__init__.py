"""Pictures of the layers: vector tiles, the one-file map, and the palette they share."""
