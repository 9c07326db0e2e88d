"""geo-risk isochrone, as people and scripts run it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas
import osmium
import pytest
import shapely

from geo_risk.resources import shipped
from tests.shared_data import shared_data
from tests.unit.cli.conftest import Cli

CROSS = [
    ([[118.60, 24.70], [118.61, 24.70], [118.62, 24.70]], {"id": "A", "highway": "primary"}),
    ([[118.61, 24.69], [118.61, 24.70], [118.61, 24.71]], {"id": "B", "highway": "residential"}),
    ([[118.60, 24.71], [118.61, 24.71]], {"id": "C", "highway": "footway"}),
]
AT = "118.605,24.70"


def write(path: Path, features: list[tuple[Any, dict[str, Any]]], kind: str = "LineString") -> Path:
    made = [
        {"type": "Feature", "geometry": {"type": kind, "coordinates": place}, "properties": said}
        for place, said in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
    return path


def shapes(path: str | Path) -> list[Any]:
    features = json.loads(Path(path).read_text("utf-8"))["features"]
    return [shapely.geometry.shape(one["geometry"]) for one in features]


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    return write(tmp_path / "roads.geojson", CROSS)


def test_areas_nest_are_valid_and_are_told_with_what_was_read(cli: Cli, roads: Path) -> None:
    found = cli.json(
        *("isochrone", "--roads", roads, "--at", AT, "--minutes", "5,0.5,1"),
        *("-o", "out.geojson", "--lines", "lines.geojson"),
    )
    assert [one["minutes"] for one in found["isochrones"]] == [0.5, 1, 5]
    less, middle, more = shapes("out.geojson")
    assert more.is_valid and more.covers(middle) and middle.covers(less)
    assert [line.geom_type for line in shapes("lines.geojson")] == ["MultiLineString"] * 3
    assert found["isochrones"][0]["road_km"] == pytest.approx(2 * 0.5 / 60 * 50, abs=0.002)
    assert (
        found["isochrones"][2]["road_km"] == found["roads"]["km"] == pytest.approx(4.24, abs=0.01)
    )
    assert found["roads"] | {"file": ""} == found["roads"] | {
        **{"file": "", "edges": 4, "nodes": 5, "left_out": {"footway": 1}, "parts": 1},
        **{"greatest_part": 1.0, "one_way_trap_km": 0.0, "closed_edges": 0, "speeds": "urban"},
    }
    properties = json.loads(Path("out.geojson").read_text())["features"][0]["properties"]
    assert properties == found["isochrones"][0]


def test_turnout_comes_off_and_the_other_direction_differs_on_one_way_roads(
    cli: Cli, tmp_path: Path
) -> None:
    rows = [(CROSS[0][0], {"highway": "primary", "oneway": "yes"}), CROSS[1]]
    ask = ("isochrone", "--roads", write(tmp_path / "r.geojson", rows), "--at", AT, "-o", "o.json")
    away = cli.json(*ask, "--minutes", "3")
    assert (
        cli.json(*ask, "--minutes", "3.5", "--turnout", "30")["isochrones"][0]["road_km"]
        == (away["isochrones"][0]["road_km"])
    )
    to = cli.json(*ask, "--minutes", "3", "--to")
    assert to["direction"] == "to" and to["isochrones"][0]["road_km"] == pytest.approx(
        0.506, abs=1e-3
    )


@pytest.mark.parametrize("suffix", ["gpkg", "zip"])
def test_lines_of_a_geopackage_and_a_shapefile_give_the_same(
    cli: Cli, roads: Path, tmp_path: Path, suffix: str
) -> None:
    frame = geopandas.read_file(roads)
    if suffix == "gpkg":
        path = tmp_path / "roads.gpkg"
        frame.to_file(path, driver="GPKG", engine="pyogrio")
    else:
        (tmp_path / "shp").mkdir()
        frame.to_file(tmp_path / "shp" / "roads.shp", engine="pyogrio")
        path = Path(shutil.make_archive(str(tmp_path / "roads"), "zip", tmp_path / "shp"))
    ask = ("--at", AT, "--minutes", "1,3", "-o", "o.geojson")
    found, expected = (cli.json("isochrone", "--roads", one, *ask) for one in (path, roads))
    assert found["isochrones"] == expected["isochrones"]


def test_several_points_reach_what_any_of_them_reaches(cli: Cli, roads: Path) -> None:
    ask = ("isochrone", "--roads", roads, "--minutes", "0.2", "-o", "o.geojson")
    one = cli.json(*ask, "--at", AT)["isochrones"][0]["road_km"]
    two = cli.json(*ask, "--at", AT, "--at", "118.615,24.70")
    assert two["isochrones"][0]["road_km"] == pytest.approx(2 * one, abs=0.002)
    assert [one["aside_m"] for one in two["at"]] == [0, 0]


def test_closed_roads_by_zone_and_by_id(cli: Cli, roads: Path, tmp_path: Path) -> None:
    ask = ("isochrone", "--roads", roads, "--at", AT, "--minutes", "5", "-o", "o.geojson")
    box = [[118.612, 24.699], [118.613, 24.699], [118.613, 24.701], [118.612, 24.701]]
    zone = write(tmp_path / "zone.geojson", [([[*box, box[0]]], {})], "Polygon")
    closed = cli.json(*ask, "--closures", zone)
    assert closed["roads"]["closed_edges"] == 1
    assert closed["isochrones"][0]["road_km"] == pytest.approx(3.23, abs=0.01)
    ids = tmp_path / "closed.csv"
    ids.write_text("id\nA\n", "utf-8")
    shut = cli.json(*ask, "--closures", ids)
    assert shut["at"][0]["closed"] and shut["isochrones"][0]["road_km"] == 0
    assert json.loads(Path("o.geojson").read_text())["features"][0]["geometry"] is None
    assert "所在道路已封闭" in cli.run(*ask, "--closures", ids)
    ids.write_text("id\nZ\n", "utf-8")
    assert cli.error(*ask, "--closures", ids, code=1)["code"] == "road_unknown"
    for bad in (roads, write(tmp_path / "bad.csv", [])):
        assert cli.error(*ask, "--closures", bad, code=1)["code"] in {
            "closures_unread",
            "file_kind",
        }


def test_an_extract_of_openstreetmap_gives_the_same_as_lines(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "city.osm.pbf"
    nodes = {1: (118.60, 24.70), 2: (118.61, 24.70), 3: (118.62, 24.70), 4: (118.61, 24.69)}
    nodes |= {2**40: (118.61, 24.71), 6: (118.60, 24.71)}
    with osmium.SimpleWriter(str(path)) as out:
        for number, at in nodes.items():
            out.add_node(osmium.osm.mutable.Node(id=number, location=at))
        ways = [[1, 2, 3], [4, 2, 2**40], [6, 2**40], [3, 99]]
        kinds = ["primary", "residential", "footway", "primary"]
        for number, (refs, kind) in enumerate(zip(ways, kinds, strict=True), 1):
            tags = {"highway": kind}
            out.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    ask = ("--at", AT, "--minutes", "1,3", "-o", "o.geojson")
    of_osm = cli.json("isochrone", "--roads", path, *ask)
    of_lines = cli.json("isochrone", "--roads", write(tmp_path / "r.geojson", CROSS), *ask)
    assert of_osm["isochrones"] == of_lines["isochrones"]
    assert "1 个节点" in of_osm["roads"]["notes"][0]
    error = cli.error("isochrone", "--roads", path, "--crossings", *ask, code=2)
    assert error["code"] == "crossings_known"
    assert cli.error("import", path, "--layer", "roads", "--datum", "wgs84", code=1)["code"] == (
        "file_kind"
    )


@pytest.mark.parametrize(
    ("changed", "code", "where", "status"),
    [
        ({"--at": "118.9,24.7"}, "road_far", "118.9,24.7", 1),
        ({"--at": "118.6"}, "position_invalid", "--at", 2),
        ({"--at": "nan,24.7"}, "position_invalid", "--at", 2),
        ({"--at": "24.7,118.6"}, "position_invalid", "--at", 2),
        ({"--minutes": "3,x"}, "minutes_invalid", "--minutes", 2),
        ({"--minutes": "0"}, "minutes_invalid", "--minutes", 2),
        ({"--minutes": "nan"}, "minutes_invalid", "--minutes", 2),
        ({"--minutes": "601"}, "minutes_invalid", "--minutes", 2),
        ({"--turnout": "180"}, "number_invalid", "--turnout", 2),
        ({"--around": "nan"}, "number_invalid", "--around", 2),
        ({"--snap": "0"}, "number_invalid", "--snap", 2),
        ({"--speeds": "fast"}, "policy_unknown", "--speeds", 2),
        ({"-o": "o.xlsx"}, "format_unknown", "o.xlsx", 2),
        ({"-o": "none/o.json"}, "folder_missing", "none", 2),
        ({"--roads": "none.geojson"}, "file_missing", "none.geojson", 1),
    ],
)
def test_what_cannot_be_is_said_with_place_and_remedy(
    cli: Cli, roads: Path, changed: dict[str, str], code: str, where: str, status: int
) -> None:
    asked = {"--roads": roads, "--at": AT, "--minutes": "3", "-o": "o.geojson"} | changed
    error = cli.error("isochrone", *(part for pair in asked.items() for part in pair), code=status)
    assert (error["code"], error["where"]) == (code, where)
    assert not Path("o.geojson").exists()


@pytest.mark.parametrize(
    ("features", "code"),
    [
        ([(CROSS[0][0], {"name": "x"})], "column_missing"),
        ([(CROSS[0][0], {"highway": "footway"})], "roads_none"),
        ([([[118.6, 24.7], [118.6, 24.7]], {"highway": "primary"})], "roads_none"),
        ([([[5e5, 2.7e6], [5e5, 2.8e6]], {"highway": "primary"})], "position_missing"),
        ([(CROSS[0][0], {"highway": "primary", "u": 1, "v": None})], "node_missing"),
    ],
)
def test_files_without_usable_roads_are_refused(
    cli: Cli, tmp_path: Path, features: list[Any], code: str
) -> None:
    file = write(tmp_path / "r.geojson", features)
    ask = ("--at", AT, "--minutes", "3", "-o", "o.geojson")
    assert cli.error("isochrone", "--roads", file, *ask, code=1)["code"] == code
    table = tmp_path / "r.csv"
    table.write_text("id,highway\n1,primary\n", "utf-8")
    assert cli.error("isochrone", "--roads", table, *ask, code=1)["code"] == "roads_none"


def test_the_generated_roads_of_the_demo_meet_where_they_cross(cli: Cli) -> None:
    file = shipped("data") / "demo" / "shishi" / "roads.geojson"
    ask = ("isochrone", "--roads", file, "--at", "118.648,24.732", "--minutes", "3,5,8")
    apart = cli.json(*ask, "-o", "o.geojson")
    assert apart["roads"]["parts"] > 800
    assert apart["roads"]["synthetic"] and apart["isochrones"][0]["synthetic"]
    said = cli.run(*ask, "-o", "o.geojson")
    assert "--crossings" in said and "只作方法演示" in said
    joined = cli.json(*ask, "-o", "o.geojson", "--crossings")
    assert joined["roads"]["parts"] == 10 and joined["roads"]["greatest_part"] > 0.99
    three, five, eight = shapes("o.geojson")
    assert eight.covers(five) and five.covers(three) and eight.is_valid


def test_helsinki_is_one_network_whether_its_nodes_are_numbered_or_met(
    cli: Cli, tmp_path: Path
) -> None:
    file = shared_data("helsinki_osm/roads_edges.geojson")
    document = json.loads(file.read_text("utf-8"))
    for one in document["features"]:
        del one["properties"]["u"], one["properties"]["v"]
    bare = tmp_path / "bare.geojson"
    bare.write_text(json.dumps(document), "utf-8")
    ask = ("--at", "24.9384,60.1699", "--minutes", "1,2,5", "-o", "o.geojson")
    numbered, met = (cli.json("isochrone", "--roads", path, *ask) for path in (file, bare))
    assert numbered["isochrones"] == met["isochrones"]
    assert numbered["roads"]["nodes"] == 1437 and numbered["roads"]["edges"] == 1500
    assert numbered["roads"]["parts"] == 3
