"""Camera plans on a block whose answers are known by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from geo_risk.errors import GeoRiskError, InputError, UsageError
from geo_risk.services import site_checks, site_plans
from geo_risk.services.camera_demand import Weighing, worst_of
from geo_risk.services.camera_models import Model, model_of
from geo_risk.services.camera_options import grade_shares, phase_limits
from geo_risk.services.site_cameras import CameraOptions, CameraSources, plan_cameras
from geo_risk.services.site_questions import grade_weights
from geo_risk.services.watching import Watch
from geo_risk.siting.cameras_views import Camera
from geo_risk.siting.infeasible import InfeasibleError
from tests.shared_data import shared_data
from tests.unit.siting.camera_block import HOUSE, block, metres, write

ROUND = Model("round", Camera(120.0, 360.0, 6.0), 6, "", None, None)
NARROW = Model("narrow", Camera(120.0, 30.0, 6.0), 3, "", None, None)
BY_METRE = Weighing(metres_per_point=1.0)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return block(tmp_path)


def planned(files, model=ROUND, weighing=BY_METRE, watch=None, **options):
    asked = CameraOptions(weighing=weighing, **{"p": 1, **options})
    return plan_cameras(CameraSources(**files), model, asked, watch or Watch())


def row(plan, kind, grade):
    return next(r for r in plan["in_view"] if (r["kind"], r["grade"]) == (kind, grade))


def test_the_camera_at_the_corner_sees_both_streets_and_the_red_point(files):
    plan = planned(files)
    assert plan["chosen"] == ["corner@0"]
    assert plan["status"] == "optimal"
    # 110 m of A and 100 m of B are red (weight 8); 10 m of A within 120 m are west of the cell.
    assert plan["objective"] == pytest.approx(8 * (1 + 210) + 10)
    assert row(plan, "points", "red")["pct_after"] == 100
    assert row(plan, "roads", "red")["after"] == pytest.approx(0.21)
    assert row(plan, "roads", "no_data")["of"] == pytest.approx(0.09)
    assert row(plan, "roads", "no_data")["after"] == pytest.approx(0.01)
    assert not any(r["grade"] == "blue" for r in plan["in_view"])


def test_circles_claim_what_the_house_hides(files):
    files["candidates"] = write(files["roads"].parent / "c.geojson", (shapely.Point(10, 100), {}))
    plan = planned(files)
    # From (10, 100) past the corner (100, 110) of the house: B up to y = 111.1, two samples of 5 m.
    seen = row(plan, "roads", "all")
    assert seen["after"] == pytest.approx(0.2 + 0.01)
    # The circle of 120 m reaches B up to y = 166.3: 13 samples of 5 m.
    assert seen["circles"] == pytest.approx(0.2 + 0.0663, abs=0.005)


def test_a_point_inside_a_building_is_named_and_no_camera_hangs_there(files):
    plan = planned(files, p=5)
    assert plan["read"]["candidates"]["inside_a_building"] == {"n": 1, "ids": ["home"]}
    assert plan["chosen"] == ["corner@0", "west@0"]
    for one in plan["features"][:2]:
        assert not HOUSE.contains(metres(one["geometry"]))


def test_a_plan_and_its_check_agree(files, tmp_path):
    plan = planned(files, NARROW, p=2, phases=[1, 1])
    out = tmp_path / "plan.geojson"
    site_plans.write_plan(out, plan)
    found = site_checks.check(site_plans.read_plan(out))
    assert "cover by_grade" in {one["name"] for one in found["checks"]}
    assert [one for one in found["checks"] if not one["ok"]] == []
    plan["objective"] += 1
    site_plans.write_plan(out, plan)
    assert not site_checks.check(site_plans.read_plan(out))["ok"]


def test_the_polygon_is_what_is_seen_within_the_wedge(files):
    plan = planned(files, NARROW)
    camera, view = plan["features"]
    assert camera["properties"]["heading_deg"] % 15 == 0
    assert camera["properties"]["phase"] == camera["properties"]["order"] == 1
    seen, here = metres(view["geometry"]), metres(camera["geometry"])
    assert seen.is_valid
    assert shapely.get_coordinates(seen).shape[0] > 4
    assert seen.intersection(HOUSE.buffer(-0.05)).area < 0.01
    assert shapely.hausdorff_distance(here, seen) == pytest.approx(120.0, abs=0.2)
    assert view["properties"]["area_m2"] == pytest.approx(seen.area, rel=1e-3)


def test_headings_that_look_into_a_privacy_zone_are_left_out_and_counted(files):
    north = write(files["roads"].parent / "zone.geojson", (shapely.box(105, 205, 115, 215), {}))
    plan = planned({**files, "privacy": north}, NARROW, p=1)
    free = planned(files, NARROW, p=1)
    assert free["chosen"] == ["corner@270"]  # A and the red point, not B
    told = plan["read"]["candidates"]
    # Due north ± 15° and the half width of the zone: 345, 0 and 15 from the corner, none from west.
    assert told["looking_into_privacy"] == 3
    assert told["views"] == 48 - 3
    assert plan["chosen"] == ["corner@270"]


def test_existing_cameras_are_credited_first_with_their_true_heading(files, tmp_path):
    there = write(
        tmp_path / "there.geojson",
        (shapely.Point(110, 100), {"id": "K1", "heading_deg": 0, "field_of_view_deg": 60,
                                   "range_m": 120}),
        (shapely.Point(110, 100), {"id": "K2", "field_of_view_deg": 60}),
    )  # fmt: skip
    plan = planned({**files, "existing": there})
    assert plan["read"]["existing"]["without_heading"] == {"n": 1, "ids": ["K2"]}
    assert plan["read"]["existing"]["range_assumed"] == 1
    roads = row(plan, "roads", "all")
    assert roads["before"] == pytest.approx(0.1)  # all of B, nothing of A
    # With B in view already, the camera at the west, which sees all of A, is the better one.
    assert plan["chosen"] == ["existing-K1", "existing-K2", "west@0"]
    assert roads["after"] == pytest.approx(0.3)
    assert row(plan, "points", "red")["pct_before"] == 0
    assert site_checks.check({**plan})["ok"]


def test_existing_cameras_that_look_into_a_privacy_zone_are_named(files, tmp_path):
    zone = write(tmp_path / "zone.geojson", (shapely.box(105, 205, 115, 215), {}))
    told = {"field_of_view_deg": 60, "range_m": 120}
    there = write(
        tmp_path / "there.geojson",
        (shapely.Point(110, 100), {"id": "K1", "heading_deg": 0, **told}),
        (shapely.Point(110, 100), {"id": "K2", "heading_deg": 270, **told}),
    )
    plan = planned({**files, "existing": there, "privacy": zone})
    assert plan["read"]["existing"]["looking_into_privacy"] == {"n": 1, "ids": ["K1"]}


def test_phases_put_what_adds_most_first(files):
    plan = planned(files, p=2, phases=[1, 1])
    first, second = plan["phases"]
    assert (first["cameras"], second["cameras"]) == (["corner@0"], ["west@0"])
    assert first["in_view"] == pytest.approx(8 * 211 + 10)
    assert second["in_view"] == pytest.approx(plan["objective"]) == pytest.approx(8 * 211 + 90)


def test_a_curve_tells_what_each_more_camera_adds_from_what_hangs_already(files, tmp_path):
    looks_north = {"id": "K1", "heading_deg": 0, "field_of_view_deg": 60, "range_m": 120}
    there = write(tmp_path / "there.geojson", (shapely.Point(110, 100), looks_north))
    plan = planned({**files, "existing": there}, curve=3)
    points = plan["curve"]["points"]
    # B (100 m, red) hangs in view; the west adds all of A (110 m red, 90 m not) and the point.
    assert [(one["p"], one["objective"], one["status"]) for one in points] == [
        (0, pytest.approx(800), "optimal"),
        *((p, pytest.approx(8 * 211 + 90), "optimal") for p in (1, 2, 3)),
    ]
    # 800 of 1,778.
    assert [one["share"] for one in points] == [0.449, 1, 1, 1]
    assert plan["curve"]["knee"] == 1
    assert points[1]["objective"] == plan["objective"]
    assert "curve" not in planned(files)
    assert planned(files)["input_hash"] == planned(files, curve=2)["input_hash"]


def test_a_curve_takes_its_part_of_the_time_and_its_bounds_hold_when_that_is_up(files):
    del files["candidates"]
    exact = planned(files, NARROW, p=3, curve=6)["curve"]["points"]
    for limit_s in (0.0, 5.0):
        tick = iter(range(10**6))
        watch = Watch(limit_s=limit_s, clock=lambda: float(next(tick)))  # noqa: B023
        plan = planned(files, NARROW, p=3, curve=6, watch=watch)
        for one, other in zip(plan["curve"]["points"], exact, strict=True):
            assert one["objective"] <= other["bound"] + 1e-9
            assert other["objective"] <= one["bound"] + 1e-9
        assert site_checks.check(plan)["ok"]


def test_a_budget_buys_by_cost(files):
    folder = files["roads"].parent
    files["candidates"] = write(
        folder / "priced.geojson",
        (shapely.Point(110, 100), {"id": "dear", "cost": 10}),
        (shapely.Point(10, 100), {"id": "cheap", "cost": 3}),
    )
    plan = planned(files, p=None, budget=5.0)
    assert plan["chosen"] == ["cheap@0"]
    assert site_checks.check(plan)["ok"]


def test_when_the_time_is_up_there_is_a_plan_all_the_same(files):
    plan = planned(files, p=2, watch=Watch(limit_s=0.0))
    assert plan["chosen"] == ["corner@0", "west@0"]
    assert plan["bound"] >= plan["objective"]


def test_least_shares_of_a_grade_are_met_by_a_plan_that_gives_up_other_weight(files):
    met = planned(files, min_grade_share={"red": 1.0, "orange": 0.9})
    assert [(one["grade"], one["met"], one["binding"]) for one in met["min_grade_share"]] == [
        *(("red", True, False), ("orange", True, False)),
    ]
    assert met["chosen"] == planned(files)["chosen"] == ["corner@0"]
    # The corner sees 10 of the 90 m without data, the west all of them: and A, the point and two
    # samples of 5 m of B, 8 (1 + 110 + 10) + 90 instead of 8 (1 + 210) + 10.
    plan = planned(files, min_grade_share={"no_data": 0.5})
    assert plan["chosen"] == ["west@0"]
    assert plan["objective"] == pytest.approx(8 * 121 + 90, abs=8)
    assert plan["status"] == "optimal"
    (told,) = plan["min_grade_share"]
    assert told == {
        **{"grade": "no_data", "asked": 0.5, "found": 1.0, "met": True},
        **{"without": pytest.approx(1 / 9, abs=1e-6), "binding": True},
    }
    found = {one["name"]: one["ok"] for one in site_checks.check(plan)["checks"]}
    assert found["min_grade_share no_data"]
    plan["parameters"]["min_grade_share"]["red"] = 0.9
    checks = site_checks.check(plan)["checks"]
    assert {one["name"] for one in checks if not one["ok"]} == {"input_hash", "min_grade_share red"}


def test_shares_that_no_plan_meets_are_named_with_what_is_possible(files):
    far = write(
        files["roads"].parent / "far.geojson",
        (shapely.Point(60, 95), {"id": "R1", "grade": "红"}),
        (shapely.Point(600, 95), {"id": "R2", "grade": "红"}),
    )
    # Of red there are 1 + 210 in view of the corner, and a point that nobody sees.
    with pytest.raises(InfeasibleError, match=r"99\.6 % at most") as error:
        planned({**files, "demand": far}, min_grade_share={"red": 1.0})
    assert (error.value.code, error.value.exit_code) == ("share_impossible", 4)
    # All red takes the corner, more than 10 m without data the west: two cameras.
    both = {"red": 1.0, "no_data": 0.5}
    with pytest.raises(InfeasibleError, match="at most 1 new") as error:
        planned(files, min_grade_share=both)
    assert error.value.code == "demands_conflict"
    assert planned(files, p=2, min_grade_share=both)["chosen"] == ["corner@0", "west@0"]


def test_a_low_house_is_looked_over(files):
    files["buildings"] = write(files["roads"].parent / "low.geojson", (HOUSE, {"height": "3 m"}))
    plan = planned({**files, "candidates": write(
        files["roads"].parent / "c.geojson", (shapely.Point(10, 100), {})
    )})  # fmt: skip
    # H = 3, camera 6: the roof's far edge at w hides to 2 w. B is at most 1.1 w away: nothing more.
    assert row(plan, "roads", "all")["after"] == pytest.approx(0.21)
    tall = Model("mast", Camera(120.0, 360.0, 60.0), 6, "", None, None)
    files["candidates"] = files["roads"].parent / "c.geojson"
    # k = 60 / 57: B, at 1.11 times the distance of the far wall, is seen as far as the range.
    assert row(planned(files, tall), "roads", "all")["after"] == pytest.approx(0.2663, abs=0.005)


def test_a_point_inside_a_building_is_looked_for_at_its_wall(files):
    point = write(files["roads"].parent / "d.geojson", (shapely.Point(60, 115), {"grade": "橙"}))
    plan = planned({**files, "demand": point})
    assert plan["read"]["demand"]["points_in_buildings"] == 1
    assert row(plan, "points", "orange")["pct_after"] == 100


def test_public_areas_count_by_their_ground(files):
    square = write(files["roads"].parent / "areas.geojson", (shapely.box(20, 60, 100, 90), {}))
    plan = planned({**files, "areas": square})
    assert row(plan, "areas", "red")["of"] == pytest.approx(2400)
    assert row(plan, "areas", "red")["pct_after"] == 100


@pytest.fixture
def towns(tmp_path):
    """East of x = 0, where the red point lies, and the west; one with no area is told."""
    return write(
        tmp_path / "towns.geojson",
        (shapely.box(-200, 0, 0, 300), {"id": "W", "name": "西镇"}),
        (shapely.box(0, 0, 300, 300), {"id": "E", "name": "东镇"}),
        (shapely.Point(0, 0), {"id": "X"}),
    )


def test_a_plan_tells_what_it_brings_to_each_town_the_worst_first(files, towns):
    plan = planned({**files, "towns": towns})
    east, west = plan["by_town"]
    assert (east["id"], east["name"], east["grade"], east["grade_from"]) == (
        *("E", "东镇", "red", "points"),
    )
    # The corner sees all of the east: the point, 110 m of A and B; and 10 of 90 m in the west.
    assert (east["of"], east["before"], east["after"]) == (1688, 0, 1688)
    assert (east["pct_after"], east["new_cameras"]) == (100, 1)
    assert (west["id"], west["grade"], west["grade_from"]) == ("W", "no_data", None)
    assert (west["of"], west["after"], west["circles"]) == (90, 10, 10)
    assert (west["pct_after"], west["new_cameras"]) == (11.1, 0)
    counts = plan["cover"]["by_town"]
    assert counts["E"]["n"] == counts["E"]["of"] > 40  # samples of 5 m
    assert counts["W"] == {"n": 2, "of": 18}
    assert plan["read"]["towns"] == {"n": 2, "without_area": {"n": 1, "ids": ["X"]}, "outside": 0}
    found = {one["name"]: one["ok"] for one in site_checks.check(plan)["checks"]}
    assert found["by_town"]
    assert found["cover by_town"]
    east["after"] -= 1
    assert not site_checks.check(plan)["ok"]
    assert "by_town" not in planned(files)


def test_roads_have_the_grade_of_their_town_where_that_is_asked(files, tmp_path):
    west = (shapely.box(-200, 0, 0, 300), {"id": "W", "grade": "橙"})
    by_town = Weighing(metres_per_point=1.0, grade_by="town")
    plan = planned({**files, "towns": write(tmp_path / "one.geojson", west)}, weighing=by_town)
    # Orange (4) in the west, no data (1) outside all towns, the point red (8): now the west camera
    # is the better one, which sees all of A, the point and two samples of B.
    assert plan["chosen"] == ["west@0"]
    assert plan["objective"] == pytest.approx(4 * 90 + 110 + 8 + 10, abs=1)
    assert row(plan, "roads", "orange")["of"] == pytest.approx(0.09)
    assert row(plan, "roads", "no_data")["of"] == pytest.approx(0.21)
    west = plan["by_town"][0]
    assert (west["grade"], west["grade_from"], west["of"], west["name"]) == (
        *("orange", "file", 360, None),
    )
    assert plan["read"]["towns"]["outside"] == plan["cover"]["by_town"][""]["of"] > 40
    assert plan["parameters"]["weighing"]["grade_by"] == "town"
    assert site_checks.check(plan)["ok"]


def test_towns_that_cannot_be_read_are_refused(files, tmp_path):
    box = shapely.box(0, 0, 9, 9)
    twice = write(tmp_path / "twice.geojson", (box, {"id": "A"}), (box, {"id": "A"}))
    with pytest.raises(InputError, match="twice"):
        planned({**files, "towns": twice})
    odd = write(tmp_path / "odd.geojson", (box, {"id": "A", "grade": "mauve"}))
    with pytest.raises(InputError, match="mauve"):
        planned({**files, "towns": odd})
    with pytest.raises(InputError, match="shapes"):
        planned({**files, "towns": files["roads"]})
    with pytest.raises(UsageError, match="--towns"):
        planned(files, weighing=Weighing(grade_by="town"))
    with pytest.raises(UsageError, match="village"):
        planned(files, weighing=Weighing(grade_by="village"))


def test_auto_candidates_stand_along_roads_and_on_facades_and_generated_data_says_so(files):
    del files["candidates"]
    files["roads"] = write(
        files["roads"].parent / "made.geojson",
        (shapely.LineString([(-90, 100), (110, 100)]), {"synthetic": True}),
    )
    plan = planned(files, p=2, every_m=50.0)
    assert plan["label"] == {
        "zh": "在生成路网上的方法演示",
        "en": "method demonstration on generated roads",
    }
    assert set(plan["read"]["candidates"]) > {"road", "facade"}
    assert all(float(r["pct_after"]).is_integer() for r in plan["in_view"])
    assert site_checks.check(plan)["ok"]


def test_without_graded_points_nothing_is_blue(files):
    del files["demand"]
    plan = planned(files)
    assert {r["grade"] for r in plan["in_view"]} == {"no_data", "all"}


def test_the_worst_grade_of_a_cell_holds_and_no_points_is_no_data():
    assert worst_of([1, 1, 2], ["yellow", "red", "no_data"], [1, 2, 3]) == [
        *("red", "no_data", "no_data"),
    ]


def test_seeds_give_equal_plans(files):
    del files["candidates"]
    first, second = (planned(files, NARROW, p=3) for _ in range(2))
    assert first["chosen"] == second["chosen"]
    assert first["input_hash"] == second["input_hash"]


def test_broken_outlines_are_repaired_or_said_to_hide_nothing(files):
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    flat = shapely.Polygon([(0, 0), (10, 0), (5, 0)])
    files["buildings"] = write(
        files["roads"].parent / "b.geojson",
        *((HOUSE, {"height": "?"}), (bow, {"building:levels": 2}), (flat, {})),
        (shapely.Point(0, 0), {}),
    )
    told = planned(files)["read"]["buildings"]
    assert told["repaired"] == {"n": 1, "ids": ["b-2"]}
    assert told["without_area"] == {"n": 1, "ids": ["b-3"]}
    assert told["height_unread"] == {"n": 1, "ids": ["b-1"]}
    assert (told["n"], told["not_outlines"], told["height_known"]) == (2, 1, 1)


def test_what_cannot_be_asked_is_refused(files):
    with pytest.raises(UsageError, match="limit"):
        planned(files, p=None)
    with pytest.raises(UsageError, match="number"):
        planned(files, every_m=float("nan"))
    with pytest.raises(UsageError, match="--p"):
        planned(files, p=None, budget=3.0, curve=5)
    with pytest.raises(UsageError, match="--curve"):
        planned(files, curve=-1)
    with pytest.raises(GeoRiskError, match="Stopped"):
        planned(files, watch=Watch(cancelled=lambda: True))
    with pytest.raises(InputError, match="must be polygons"):
        planned({**files, "privacy": files["roads"]})
    with pytest.raises(InputError, match="shapes"):
        planned({**files, "roads": files["demand"]})
    bare = {name: files[name] for name in ("buildings", "candidates")}
    with pytest.raises(UsageError, match="nothing to see"):
        planned(bare)
    state = write(files["roads"].parent / "s.geojson", (shapely.Point(0, 0), {"status": "现有"}))
    with pytest.raises(InputError, match="--existing"):
        planned({**files, "candidates": state})
    heading = write(
        files["roads"].parent / "h.geojson", (shapely.Point(0, 0), {"heading_deg": "north"})
    )
    with pytest.raises(InputError, match="heading_deg"):
        planned({**files, "existing": heading})


def test_files_in_another_crs_or_off_the_earth_are_refused(files, tmp_path):
    off = tmp_path / "off.geojson"
    off.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1},'
        '"geometry":{"type":"LineString","coordinates":[[500000,2700000],[500100,2700000]]}}]}'
    )
    with pytest.raises(InputError, match=r"500000|500,000|5e\+05"):
        planned({**files, "roads": off})
    far = write(tmp_path / "far.geojson", (shapely.Point(60, 95), {"grade": "红"}))
    text = far.read_text().replace("118.6", "28.6")
    far.write_text(text)
    with pytest.raises(InputError, match="far"):
        planned({**files, "demand": far})


@pytest.mark.parametrize("text", ["8,4,2", "a,b,c,d", "8,4,2,-1", "nan,1,1,1", "8,4,2,1,1"])
def test_weights_are_four_numbers(text):
    with pytest.raises(UsageError, match="weights"):
        grade_weights(text)


def test_words_for_shares_and_phases_are_checked():
    assert grade_weights("8,4,2,1")["no_data"] == 1
    assert grade_shares("red=0.9, no_data=0") == {"red": 0.9, "no_data": 0}
    assert phase_limits("10,10,20") == [10, 10, 20]
    for text in ("red", "red=2", "green=0.5", "red=nan"):
        with pytest.raises(UsageError, match="share"):
            grade_shares(text)
    for text in ("0", "1,x", "-1"):
        with pytest.raises(UsageError, match="phases"):
            phase_limits(text)


def test_helsinki_cameras_see_more_road_than_the_real_ones_would_as_circles():
    """221 all-round cameras of 50 m on poles along the roads: over 50.5 % in line of sight."""
    sources = CameraSources(
        buildings=shared_data("helsinki_osm/buildings.geojson"),
        roads=shared_data("helsinki_osm/roads_edges.geojson"),
    )
    options = CameraOptions(p=221, facade_every_m=0.0, weighing=BY_METRE)
    plan = plan_cameras(sources, model_of("all-round-50"), options)
    roads = row(plan, "roads", "all")
    print(f"{roads['pct_after']} % in line of sight, circles {roads['pct_circles']} %")
    assert roads["pct_after"] > 50.5
    assert len(plan["chosen"]) <= 221
    assert plan["status"] == "optimal"
    assert plan["read"]["buildings"]["repaired"]["n"] == 9
    assert plan["read"]["buildings"]["without_area"]["n"] == 3
    assert site_checks.check(plan)["ok"]
