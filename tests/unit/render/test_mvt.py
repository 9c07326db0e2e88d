"""Vector tiles as a map library meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from geo_risk.render import mvt
from geo_risk.render.mercator import tile_coordinates

WORLD = (0, 0, 0)


def decoded(tile: bytes) -> dict[str, Any]:
    return dict(mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True}))


def one(geometry: Any, tile: tuple[int, int, int] = WORLD) -> list[dict[str, Any]]:
    layer = mvt.geometry_layer("a", np.array([geometry], object), {}, tile)
    return list(decoded(layer)["a"]["features"]) if layer else []


def test_the_middle_of_the_world_is_the_middle_of_tile_zero() -> None:
    assert tile_coordinates([0.0, -180.0], [0.0, 85.0511287798066], WORLD) == pytest.approx(
        np.array([[2048.0, 2048.0], [0.0, 0.0]]), abs=1e-6
    )


def test_several_layers_make_one_tile() -> None:
    points = mvt.TileLayer("points", np.array([[118.65, 24.73]]), {"id": ["石狮"]})
    areas = mvt.TileLayer("areas", np.array([shapely.box(100, 10, 120, 30)], object), {"n": [3]})
    nothing = mvt.TileLayer("nothing", np.empty((0, 2)), {"id": []})
    tile = decoded(mvt.encode([points, areas, nothing], *WORLD))
    assert set(tile) == {"points", "areas"}
    assert tile["points"]["features"][0]["properties"] == {"id": "石狮"}
    assert tile["points"]["version"] == 2
    assert tile["areas"]["extent"] == 4096
    assert tile["areas"]["features"][0]["properties"] == {"n": 3}


def test_equal_values_of_different_types_stay_apart() -> None:
    layer = mvt.TileLayer("a", np.zeros((4, 2)), {"v": [1, True, 1.0, "1"]})
    features = decoded(mvt.encode([layer], *WORLD))["a"]["features"]
    assert [type(f["properties"]["v"]) for f in features] == [int, bool, float, str]


def test_a_repeated_value_is_stored_once() -> None:
    def size(names: list[str]) -> int:
        return len(mvt.encode([mvt.TileLayer("a", np.zeros((100, 2)), {"v": names})], *WORLD))

    assert size(["石狮市锦尚镇"] * 100) + 99 * 20 < size(
        [f"石狮市锦尚镇{i:03}" for i in range(100)]
    )


def test_points_without_a_position_are_left_out() -> None:
    lon, lat = np.array([np.nan, 1.0]), np.array([1.0, 1.0])
    tile = mvt.point_layer("a", lon, lat, {"id": ["x", "y"]}, WORLD)
    assert [f["properties"]["id"] for f in decoded(tile)["a"]["features"]] == ["y"]


def test_a_wrong_number_of_values_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1"):
        mvt.point_layer("a", np.zeros(1), np.zeros(1), {"id": ["x", "y"]}, WORLD)


def test_a_hole_stays_a_hole_and_exteriors_wind_as_the_specification_says() -> None:
    ring = shapely.box(-90, -40, 90, 40).difference(shapely.box(-20, -10, 20, 10))
    for polygon in (ring, ring.reverse()):
        geometry = one(polygon)[0]["geometry"]
        assert geometry["type"] == "Polygon"
        exterior, interior = geometry["coordinates"]
        # Positive area with y down, by the surveyor's formula (specification 4.3.3.3).
        assert shapely.is_ccw(shapely.LinearRing(exterior))
        assert not shapely.is_ccw(shapely.LinearRing(interior))


def test_what_is_smaller_than_a_unit_disappears() -> None:
    assert one(shapely.box(10, 10, 10.001, 10.001)) == []


def test_a_bow_tie_is_drawn_valid() -> None:
    bow_tie = shapely.Polygon([(0, 0), (40, 40), (40, 0), (0, 40)])
    drawn = shapely.geometry.shape(one(bow_tie)[0]["geometry"])
    assert drawn.is_valid
    assert drawn.geom_type == "MultiPolygon"


def test_lines_are_clipped_to_the_tile_and_its_buffer() -> None:
    line = shapely.LineString([(-180, 10), (180, 10)])
    found = shapely.geometry.shape(one(line, (1, 1, 0))[0]["geometry"])
    assert found.bounds[0] == -64
    assert found.bounds[2] == 4096


def test_missing_geometry_is_left_out_and_the_rest_keeps_its_properties() -> None:
    shapes = np.array([None, shapely.box(0, 0, 50, 50), shapely.Point()], object)
    tile = mvt.geometry_layer("a", shapes, {"id": ["x", "y", "z"]}, WORLD)
    assert [f["properties"]["id"] for f in decoded(tile)["a"]["features"]] == ["y"]


def test_the_cameras_of_a_multipoint_are_all_drawn() -> None:
    found = one(shapely.MultiPoint([(0, 0), (90, 0)]))[0]["geometry"]
    assert found == {"type": "MultiPoint", "coordinates": [[2048, 2048], [3072, 2048]]}


def test_only_one_module_uses_folium() -> None:
    package = Path(mvt.__file__).parent.parent
    users = {p.name for p in package.rglob("*.py") if "import folium" in p.read_text("utf-8")}
    assert users == {"one_file.py"}
