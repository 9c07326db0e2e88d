"""Towns of targets and their grades, one by one, for towns that are boxes."""

from __future__ import annotations

WORST_FIRST = ("red", "orange", "yellow", "blue", "no_data")


def town_of(x, y, boxes):
    """The first box (west, south, east, north) that holds the point or has it on its border."""
    for row, (west, south, east, north) in enumerate(boxes):
        if west <= x <= east and south <= y <= north:
            return row
    return -1


def grade_of(row, own, points, boxes):
    """The town's own grade, else the worst of the graded points (x, y, grade) in it."""
    if own[row] != "no_data":
        return own[row]
    there = [grade for x, y, grade in points if town_of(x, y, boxes) == row]
    return min(there, key=WORST_FIRST.index, default="no_data")
