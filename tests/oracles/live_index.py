"""The live index, slowly: a dict of shapes, every one of them measured at every question."""

from __future__ import annotations

import shapely


class SlowIndex:
    """The twin of `LiveIndex`: same answers, no tree, no arrays, no checks."""

    def __init__(self, shapes: dict[str, shapely.Geometry] | None = None) -> None:
        self.shapes = dict(shapes or {})

    def put(self, key: str, shape: shapely.Geometry) -> None:
        self.shapes[key] = shape

    def delete(self, key: str) -> None:
        del self.shapes[key]

    def by_distance(self, place: shapely.Geometry) -> list[tuple[str, float]]:
        pairs = [(key, place.distance(shape)) for key, shape in self.shapes.items()]
        return sorted(pairs, key=lambda pair: (pair[1], pair[0]))

    def within(self, place: shapely.Geometry, radius_m: float) -> list[tuple[str, float]]:
        return [pair for pair in self.by_distance(place) if pair[1] <= radius_m]

    def nearest(self, place: shapely.Geometry, k: int) -> list[tuple[str, float]]:
        return self.by_distance(place)[:k]
