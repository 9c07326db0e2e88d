"""Roads: a network with seconds, points on it, who arrives when, and how far one gets."""
