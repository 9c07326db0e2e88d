"""Groups on graphs small enough to draw on paper."""

from __future__ import annotations

import numpy as np
import pytest

from geo_risk.errors import CatalogueError, UsageError
from geo_risk.neighbours.group_policies import (
    declared_reaches,
    group_policies,
    group_policy_named,
    screening_radii,
)
from geo_risk.neighbours.groups import (
    Limits,
    Link,
    diameter_m,
    group_ids,
    lead_order,
    profile_likeness,
    reasons,
    site_groups,
)
from geo_risk.neighbours.likeness import policy_named

LIMITS = Limits(1000.0, 3, 30)


def grouped(points, links, limits=LIMITS):
    """Groups by id of points `{id: (x, y)}` with links `(a, b)` of weight 1 or `(a, b, weight)`."""
    ids = list(points)
    row = {key: at for at, key in enumerate(ids)}
    first, second = [row[one[0]] for one in links], [row[one[1]] for one in links]
    weight = [one[2] if len(one) > 2 else 1.0 for one in links]
    xy = np.array(list(points.values()), float)
    found = site_groups(ids, xy, first, second, weight, limits)
    return [[ids[at] for at in rows] for rows in found]


def clique(names):
    return [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]


def test_two_clusters_are_two_groups_and_a_pair_is_none():
    points = {key: (at * 10.0, 0.0) for at, key in enumerate("abc")}
    points |= {key: (5000 + at * 10.0, 0.0) for at, key in enumerate("def")}
    points |= {"x": (9000.0, 0.0), "y": (9010.0, 0.0), "z": (9020.0, 0.0)}
    links = clique("abc") + clique("def") + [("x", "y")]
    assert grouped(points, links) == [["a", "b", "c"], ["d", "e", "f"]]


def test_a_bridge_between_two_parks_too_far_apart_is_cut():
    west = {f"w{at}": (at * 40.0, 0.0) for at in range(5)}
    east = {f"e{at}": (900 + at * 40.0, 0.0) for at in range(5)}
    links = clique(list(west)) + clique(list(east)) + [("w4", "e0", 0.2)]
    found = grouped({**west, **east}, links)
    assert found == [["e0", "e1", "e2", "e3", "e4"], ["w0", "w1", "w2", "w3", "w4"]]
    # Where both fit one group, they are one.
    wide = grouped({**west, **east}, links, Limits(1060.0, 3, 30))
    assert [len(group) for group in wide] == [10]


def test_a_chain_is_cut_into_pieces_of_the_diameter_and_none_is_left_over():
    points = {f"p{at:02}": (at * 300.0, 0.0) for at in range(12)}
    found = grouped(points, list(zip(list(points), list(points)[1:], strict=False)))
    assert all(3 <= len(group) <= 4 for group in found)
    assert sum(map(len, found)) == 12


def test_coincident_units_are_divided_by_size_alone():
    points = {f"p{at:02}": (5.0, 5.0) for at in range(25)}
    found = grouped(points, clique(list(points)), Limits(1000, 3, 10))
    assert sorted(key for group in found for key in group) == list(points)
    assert all(3 <= len(group) <= 10 for group in found)


def test_no_units_and_no_links_are_no_groups():
    assert grouped({"a": (0.0, 0.0)}, []) == []
    assert site_groups([], np.zeros((0, 2)), [], [], [], LIMITS) == []


def test_the_diameter_is_between_the_two_farthest():
    assert diameter_m(np.array([[0, 0], [3, 4], [1, 1]], float)) == 5
    ring = np.array([[np.cos(t), np.sin(t)] for t in np.linspace(0, 2 * np.pi, 201)])
    assert diameter_m(ring * 100) == pytest.approx(200)
    assert diameter_m(np.zeros((100, 2))) == 0
    assert diameter_m(np.column_stack([np.arange(100.0), np.zeros(100)])) == 99
    assert diameter_m(np.zeros((0, 2))) == 0


def test_the_worst_grade_leads_then_most_people_then_id():
    ids = ["e", "d", "c", "b", "a"]
    grades = ["no_data", "orange", "red", "red", "red"]
    people = [9000, 500, None, 10, 10]
    assert [ids[row] for row in lead_order(ids, grades, people)] == ["a", "b", "c", "d", "e"]


def test_a_group_keeps_its_id_while_more_than_half_stay():
    old = {"L1": ["a", "b", "c", "d"]}
    assert group_ids([["a", "b", "c", "z"]], ["z"], "site", old) == ["L1"]
    (new,) = group_ids([["a", "b", "y", "z"]], ["a"], "site", old)
    assert new != "L1" and new.startswith("L") and len(new) == 9
    assert group_ids([["a", "b", "y", "z"]], ["a"], "site", {}) == [new], "the same each time"


def test_of_two_that_merge_the_larger_gives_the_id_and_of_two_halves_one_keeps_it():
    merged = group_ids([list("abcdefg")], ["a"], "site", {"L1": list("abc"), "L2": list("defg")})
    assert merged == ["L2"]
    halves = group_ids([list("abcd"), list("efg")], ["a", "e"], "site", {"L1": list("abcdefg")})
    assert halves[0] == "L1" and halves[1] != "L1"
    equal = group_ids([list("ab"), list("cd")], ["a", "c"], "site", {"L1": list("abcd")})
    assert "L1" not in equal and len(set(equal)) == 2


def test_a_new_id_is_never_one_that_is_or_was_taken():
    (first,) = group_ids([list("abc")], ["a"], "site", {})
    found = group_ids([list("axy"), list("bcz")], ["a", "b"], "site", {first: list("bcz")})
    assert found[1] == first and found[0] != first


def test_reasons_say_only_what_holds():
    policy = policy_named()
    shared = (("process", "染整"), ("substance", "氨"), ("scale", "small"))
    link = Link("a", "b", 83.4, 3, 0.5, 0.7, shared)
    zh = [reason["zh"] for reason in reasons(link, policy, "171")]
    assert zh == [
        "位置相邻 83 m",
        "行业相近 中类相同 171",
        "业态相似 工艺 染整；物质 氨；规模 small",
    ]
    other = Link("a", "b", 83.4, 1, 0.1, 0.5, ())
    assert [reason["en"] for reason in reasons(other, policy, "C")] == ["near, 83 m"]
    assert reasons(other, policy, "C", near=False) == []


def test_profiles_are_alike_by_their_shares_and_no_data_is_not_low():
    assert profile_likeness({"red": 1, "blue": 1}, {"red": 10, "blue": 10}) == 1
    assert profile_likeness({"red": 1}, {"blue": 3}) == 0
    assert profile_likeness({"red": 1, "blue": 3}, {"red": 1, "blue": 1}) == pytest.approx(0.75)
    assert profile_likeness({"no_data": 5}, {"blue": 5}) is None


def test_policies_are_read_and_a_city_may_add_its_own(tmp_path, monkeypatch):
    policy = group_policy_named()
    limits = (policy.max_diameter_m, policy.min_members, policy.max_members)
    assert limits == (1000, 3, 30)
    assert screening_radii()["hazard_sources", ""] == 500
    with pytest.raises(UsageError, match="joint_1000"):
        group_policy_named("none")
    head = "policy,title_zh,title_en,neighbour_policy,max_diameter_m,min_members,max_members,"
    head += "alliance_depth,area_likeness,border_m,clause,verified\n"
    own = tmp_path / "group_policies.csv"
    own.write_text(head + "own,本市,Own,joint_500,700,3,12,2,0.5,100,市规,policy\n", "utf-8")
    own = tmp_path / "hazard_screening.csv"
    own.write_text(
        "layer,kind,radius_m,clause,verified\nhazard_sources,,800,市规,policy\n", "utf-8"
    )
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path))
    assert group_policies()["own"].max_members == 12
    assert screening_radii()["hazard_sources", ""] == 800
    assert screening_radii()["risk_points", "火灾"] == 50


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hazard_reach", "layer,id,radius_m,source\nhazard_sources,W1,300,\n"),
        ("hazard_reach", "layer,id,radius_m,source\nhazard_sources,W1,far,评估报告\n"),
    ],
)
def test_a_declared_reach_without_source_or_number_is_refused(tmp_path, monkeypatch, name, text):
    (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path))
    with pytest.raises(CatalogueError):
        declared_reaches()
