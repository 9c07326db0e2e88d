"""People around hazard sources: the demo city against geodesics, and what stays in doubt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Geod

from geo_risk.services.exposure import Exposure, exposed_of
from geo_risk.store import Query, Store, open_store
from tests.oracles import exposure as oracle
from tests.unit.services.conftest import Demo

LON, LAT = 118.65, 24.73
GEOD = Geod(ellps="WGS84")


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    at_postgis = request.param == "postgis"
    target = request.getfixturevalue("postgis_url") if at_postgis else str(tmp_path / "city.gpkg")
    opened = open_store(target, create=True)
    yield opened
    opened.close()


def at(metres: float, azimuth: float = 90.0, lon: float = LON, lat: float = LAT) -> shapely.Point:
    """A place some metres away."""
    return shapely.Point(GEOD.fwd(lon, lat, azimuth, metres)[:2])


def square(half_m: float, lon: float = LON, lat: float = LAT) -> shapely.Polygon:
    """A square block, its sides at `half_m` from its middle."""
    east, north = at(half_m, 90, lon, lat), at(half_m, 0, lon, lat)
    aside, up = east.x - lon, north.y - lat
    return shapely.box(lon - aside, lat - up, lon + aside, lat + up)


def record(key: str, shape: shapely.Geometry | None, **fields: Any) -> dict[str, Any]:
    geom = None if shape is None else shapely.to_wkb(shape)
    return {"id": key, "geom": geom, "name": f"示例{key}", "level": "point", **fields}


def count(store: Store, unit: dict[str, Any], **layers: list[dict[str, Any]]) -> Exposure:
    """Put records into the store and count within the same transaction."""
    with store.batch("import") as batch:
        for layer, records in layers.items():
            batch.put(store.spec(layer), records, "test.csv")
        return exposed_of(batch.connection, store, [unit])[unit["id"]]


PLANT = record("QY1", square(100))
UNIT = record("WX1", shapely.Point(LON, LAT), enterprise_id="QY1")
FAR_HOMES = record("RK9", at(3000), people=50)


def test_the_demo_city_agrees_with_geodesics_to_a_thousandth(shishi: Demo) -> None:
    units = list(shishi.store.features(Query("hazard_sources")))
    with shishi.store.reading() as connection:
        found = exposed_of(connection, shishi.store, units)
    plants = {
        row["id"]: shapely.from_wkb(row["geom"])
        for row in shishi.store.features(Query("enterprises"))
    }
    places, areas = _demo_people(shishi.store)
    fast, slow = 0.0, 0.0
    for unit in units:
        plant = plants.get(unit["enterprise_id"])
        if plant is None or plant.geom_type == "Point":
            plant = shapely.from_wkb(unit["geom"])
        told = found[unit["id"]]
        centre = plant.centroid
        around = oracle.people_around(
            plant,
            [place for place in places if centre.distance(place[0]) < 0.02],
            [area for area in areas if centre.distance(area[0]) < 0.02],
        )
        people = sum(source.people for source in told.sources.values())
        exact = around.place_people + around.area_people
        assert people == pytest.approx(exact, rel=1e-3, abs=1e-3), unit["id"]
        assert abs(told.count - oracle.whole(exact)) <= max(1, exact / 1000), unit["id"]
        fast, slow = fast + people, slow + exact
    assert len(found) == len(units) >= 60
    assert fast == pytest.approx(slow, rel=1e-4)
    assert slow > 10_000


def _demo_people(store: Store) -> tuple[list[Any], list[Any]]:
    places, areas = [], []
    for layer in ("targets", "population"):
        for row in store.features(Query(layer)):
            shape = shapely.from_wkb(row["geom"])
            kept = places if layer == "targets" or shape.geom_type == "Point" else areas
            kept.append((shape, row["people"]))
    return places, areas


def test_the_zone_starts_at_the_fence_and_who_is_inside_does_not_count(store: Store) -> None:
    told = count(
        store,
        UNIT,
        enterprises=[PLANT],
        targets=[
            record("MB1", at(599), people=40),
            record("MB2", at(601), people=1000),
            record("MB3", at(20), people=3000),
            record("MB4", square(30, *at(625).coords[0]), people=7),
        ],
        population=[
            record("RK1", square(50, *at(600, 0).coords[0]), people=101),
            FAR_HOMES,
        ],
    )
    assert told.boundary == "enterprise outline"
    assert told.sources["targets"].n == 2
    assert told.sources["targets"].people == 47
    assert told.sources["population"].n == 1
    assert told.sources["population"].people == pytest.approx(50.5, abs=0.2)
    assert told.count == 98
    assert not told.lower_bound
    assert told.usable
    assert json.loads(json.dumps(told.as_json(), ensure_ascii=False))["count"] == 98
    assert "98 人" in told.text["zh"]
    assert told.text["en"].startswith("98 people within 500 m of the enterprise's boundary")


def test_without_residents_nearby_the_targets_are_only_the_least_there_can_be(
    store: Store,
) -> None:
    some = [record("MB1", at(300), people=60)]
    told = count(store, UNIT, enterprises=[PLANT], targets=some)
    assert (told.count, told.lower_bound, told.usable) == (60, True, False)
    assert told.residents_within_m is None
    assert "至少 60 人" in told.text["zh"]
    assert told.text["en"].startswith("At least 60 people")
    told = count(store, UNIT, population=[record("RK8", at(5200), people=900)])
    assert not told.usable, "residents on the other side of the city tell nothing of this plant"
    told = count(store, UNIT, targets=[record("MB2", at(310), people=40)])
    assert (told.count, told.lower_bound, told.usable) == (100, True, True)
    told = count(store, UNIT, population=[FAR_HOMES])
    assert (told.count, told.lower_bound, told.residents_within_m) == (100, False, 2900.0)


def test_nobody_at_all_is_a_count_only_where_residents_are_registered(store: Store) -> None:
    assert not count(store, UNIT, enterprises=[PLANT]).usable
    told = count(store, UNIT, population=[FAR_HOMES])
    assert (told.count, told.usable) == (0, True)
    assert "2900 m" in told.text["zh"]


@pytest.mark.parametrize(
    ("layers", "word"),
    [
        ({"targets": [record("MB1", at(300))]}, "1 处未填人数"),
        ({"targets": [record("MB1", at(900), people=400, uncertainty_m=500.0)]}, "可能在范围内"),
        ({"population": [record("RK1", at(900), people=400, uncertainty_m=700.0)]}, "可能在范围内"),
        ({"enterprises": [PLANT | {"uncertainty_m": 300.0}]}, "位置误差约 300 m"),
        ({"enterprises": [record("QY1", shapely.Point(LON, LAT))]}, "没有厂区边界"),
        ({"enterprises": [record("QY1", square(100, LON + 0.01))]}, "没有厂区边界"),
    ],
    ids=["number", "rough target", "rough homes", "rough plant", "no outline", "another site"],
)
def test_a_doubt_is_said_and_lets_only_the_last_class_pass(
    store: Store, layers: dict[str, list[dict[str, Any]]], word: str
) -> None:
    homes = {"population": [FAR_HOMES, record("RK2", at(350), people=99)]}
    told = count(store, UNIT, **({"enterprises": [PLANT]} | layers))
    told = count(store, UNIT, **homes)
    assert (told.count, told.lower_bound, told.usable) == (99, True, False)
    assert word in told.text["zh"]
    told = count(store, UNIT, population=[record("RK3", at(360), people=1)])
    assert (told.count, told.lower_bound, told.usable) == (100, True, True)


def test_a_rough_place_that_is_counted_or_out_of_reach_is_no_doubt(store: Store) -> None:
    rough = [
        record("MB1", at(300), people=5, uncertainty_m=400.0),
        record("MB2", at(2000), people=5, uncertainty_m=400.0),
    ]
    told = count(store, UNIT, enterprises=[PLANT], targets=rough, population=[FAR_HOMES])
    assert (told.count, told.places_unsure, told.lower_bound) == (5, 0, False)


def test_the_units_own_outline_serves_where_the_enterprise_has_none(store: Store) -> None:
    unit = record("WX1", square(200), enterprise_id="QY7")
    told = count(store, unit, targets=[record("MB1", at(690), people=3)], population=[FAR_HOMES])
    assert (told.boundary, told.count, told.lower_bound) == ("own outline", 3, True)


def test_what_has_no_position_gets_no_count(store: Store) -> None:
    nowhere = record("WX2", None)
    with store.reading() as connection:
        assert exposed_of(connection, store, [nowhere]) == {}
        assert exposed_of(connection, store, []) == {}
        assert set(exposed_of(connection, store, [nowhere, UNIT])) == {"WX1"}


@pytest.mark.parametrize(("lon", "lat"), [(119.99, 24.7), (114.1, 3.0), (126.0, 48.0)])
def test_the_radius_is_500_m_on_the_ground_at_the_edge_of_a_zone_too(
    store: Store, lon: float, lat: float
) -> None:
    ring = [
        record(f"MB{metres}-{azimuth}", at(metres, azimuth, lon, lat), people=1)
        for azimuth in range(0, 360, 30)
        for metres in (499.95, 500.05)
    ]
    told = count(store, record("WX1", shapely.Point(lon, lat)), targets=ring)
    assert told.count == 12
