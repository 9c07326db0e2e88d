"""Groups of the demo city: its dyeing parks, who leads, who is alone, and the duty sheet."""

from __future__ import annotations

import json

import openpyxl
import pytest
from sqlalchemy import text

from geo_risk.errors import NotFoundError, UsageError
from geo_risk.neighbours.likeness import policy_named
from geo_risk.services import group_files, group_lists, groups, unit_links
from geo_risk.services.group_units import links_of, read_units, site_links
from geo_risk.store import Query
from geo_risk.vocabulary import SEVERITY, Grade

DYEING = "1752"


@pytest.fixture
def built(own_shishi):
    return own_shishi, groups.build(own_shishi)


def sites(store):
    return [groups.shown(store, one["id"]) for one in groups.listed(store, kind="site")]


def test_the_dyeing_parks_come_out_as_groups(built):
    store, _ = built
    dyers = {
        row[0]
        for row in store.columns(Query("enterprises"), ("id", "industry"))
        if row[1] == DYEING
    }
    textile = {m["id"] for g in sites(store) for m in g["members"] if m["industry"][:2] == "17"}
    parks = [g for g in sites(store) if dyers & {m["id"] for m in g["members"]}]
    assert len(parks) >= 10
    assert all({m["id"] for m in g["members"]} <= textile for g in parks)
    assert {m["town"][-3:] for g in parks for m in g["members"]} >= {"104", "105"}
    inside = {m["id"] for g in sites(store) for m in g["members"]} & dyers
    assert len(inside) >= 0.9 * len(dyers)
    assert max(g["n"] for g in parks) >= 7


def test_every_group_keeps_the_limits_has_a_lead_and_a_reason_for_every_link(built):
    store, _ = built
    for group in sites(store):
        assert 3 <= group["n"] <= 30 and group["diameter_m"] <= 1000
        assert group["lead"] == group["members"][0]["id"]
        grades = [SEVERITY[Grade(m["grade"])] for m in group["members"]]
        assert grades == sorted(grades, reverse=True)
        assert group["graded"] == sum(grade > 0 for grade in grades)
        linked = {key for link in group["links"] for key in (link["a"], link["b"])}
        assert linked == {m["id"] for m in group["members"]}
        assert all(len(link["reasons"]) >= 2 for link in group["links"])
        assert all(link["reasons"][0]["zh"].startswith("位置相邻") for link in group["links"])
        assert group["resources"]["shelter"]["distance_m"] >= 0


def test_alliances_join_units_of_major_risk_of_one_industry_group(built):
    store, _ = built
    for one in groups.listed(store, kind="alliance"):
        group = groups.shown(store, one["id"])
        assert group["n"] == group["major"] == len(group["links"]) + 1
        assert len({m["industry"][:3] for m in group["members"]}) == 1
        assert all(link["reasons"] for link in group["links"])


def test_who_has_major_risk_and_no_group_is_told_with_why(built):
    store, about = built
    inside = {m["id"] for g in sites(store) for m in g["members"]}
    rows = store.columns(Query("enterprises"), ("id", "grade"))
    major = {key for key, grade in rows if grade in ("red", "orange")}
    assert {one["id"] for one in about["alone"]} == major - inside
    for one in about["alone"]:
        assert (one["why"] == "too_few") == bool(one["partners"])


def test_town_pairs_adjoin_and_the_border_has_an_open_slot(built):
    store, _ = built
    pairs = [groups.shown(store, one["id"]) for one in groups.listed(store, kind="area")]
    slots = [pair for pair in pairs if pair["slot"]]
    assert slots and {pair["members"][1]["name"] for pair in slots} == {"晋江市"}
    assert all(pair["likeness"] is None for pair in slots)
    assert all(pair["likeness"] >= 0.7 for pair in pairs if not pair["slot"])


def test_major_only_takes_no_other_unit(own_shishi):
    about = groups.build(own_shishi, major_only=True)
    assert about["groups"]["site"] > 0
    for group in sites(own_shishi):
        assert group["major"] == group["n"]


def test_groups_keep_their_ids_when_one_unit_leaves(built):
    store, _ = built
    before = {g["id"]: set(g["members"]) for g in groups.listed(store, kind="site")}
    again = groups.build(store)
    assert again["kept_ids"] == sum(again["groups"].values())
    largest = max(before, key=lambda key: (len(before[key]), key))
    gone = max(before[largest])
    with store.batch("edit") as batch:
        batch.connection.execute(text("DELETE FROM enterprises WHERE id = :id"), {"id": gone})
        batch.touched.add("enterprises")
    assert groups.about_groups(store)["changed_since"] == ["enterprises"]
    groups.build(store)
    after = {g["id"]: set(g["members"]) for g in groups.listed(store, kind="site")}
    lost = set(before) - set(after)
    assert len(lost) <= 2, "a cut elsewhere in the same connected part may move a few units"
    for key in set(before) & set(after):
        assert 2 * len(before[key] & after[key]) > len(before[key])
    assert sum(after.get(key) == members for key, members in before.items()) >= len(before) - 8
    assert gone not in set().union(*after.values())


def test_a_hazard_near_another_member_is_screened_and_says_so(built, tmp_path, monkeypatch):
    store, _ = built
    reaching = [one for group in sites(store) for one in group["reaches"]]
    assert reaching
    for one in reaching:
        assert one["basis"] == "screening" and one["source"] is None
        assert one["basis_words"] == {"zh": "筛查，未评估", "en": "screening, not assessed"}
        assert one["distance_m"] <= one["radius_m"] and one["from"] != one["to"]
    known = reaching[0]
    own = f"{known['layer']},{known['id']},{known['distance_m'] + 1},评价报告\n"
    own = "layer,id,radius_m,source\n" + own
    (tmp_path / "hazard_reach.csv").write_text(own, "utf-8")
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path))
    groups.build(store)
    declared = [
        one for group in sites(store) for one in group["reaches"] if one["id"] == known["id"]
    ]
    assert {one["basis"] for one in declared} == {"declared"}
    assert {one["source"] for one in declared} == {"评价报告"}


def test_the_duty_sheet_has_members_warnings_resources_and_empty_checks(built, tmp_path):
    store, _ = built
    group = max(sites(store), key=lambda g: len(g["reaches"]))
    out = tmp_path / "duty.xlsx"
    assert group_files.write_contacts(store, group["id"], out, "zh")["members"] == group["n"]
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["成员与联系人", "谁通知谁", "共用资源", "联合检查", "说明"]
    members = list(book["成员与联系人"].values)
    assert len(members) == group["n"] + 1
    assert members[1][1:3] == ("牵头单位", group["lead"]) and members[1][6].startswith("0595-")
    warned = list(book["谁通知谁"].values)[1:]
    assert len({row[:2] for row in warned}) == len(warned)
    assert any(row[5] and "筛查，未评估" in row[5] for row in warned)
    assert any("米以内 (筛查，未评估)" in row[4] for row in warned)
    lead = group["members"][0]["name"]
    others = {m["name"] for m in group["members"][1:]}
    assert others <= {row[1] for row in warned if row[0] == lead}
    assert all(cell is None for row in list(book["联合检查"].values)[1:] for cell in row)


def test_the_page_escapes_names_and_asks_for_nothing(built, tmp_path):
    store, _ = built
    group = sites(store)[0]
    evil = "<script>alert(1)</script>{{7*7}}"
    with store.writing() as connection:
        table = store.schema.joint_groups
        body = {**group, "members": [{**m, "name": evil} for m in group["members"]]}
        body.pop("name")
        told = json.dumps(body)
        connection.execute(table.update().where(table.c.id == group["id"]).values(body=told))
    for lang in ("zh", "en"):
        out = tmp_path / f"{lang}.html"
        group_files.write_contacts(store, group["id"], out, lang)
        page = out.read_text("utf-8")
        assert "<script" not in page and "&lt;script&gt;" in page and "<svg" in page
        assert "http://" not in page and "https://" not in page
    slot = groups.listed(store, kind="area")[0]["id"]
    group_files.write_contacts(store, slot, tmp_path / "slot.html", "en")
    assert "to be filled" in (tmp_path / "slot.html").read_text("utf-8")


def test_what_is_not_there_is_an_error(built, tmp_path):
    store, _ = built
    with pytest.raises(NotFoundError):
        groups.shown(store, "LNOTHERE")
    with pytest.raises(UsageError):
        groups.listed(store, kind="club")
    with pytest.raises(UsageError):
        group_files.write_contacts(store, sites(store)[0]["id"], tmp_path / "a.pdf", "zh")


def test_units_without_a_place_or_a_grade_are_told_not_lost(own_shishi):
    with own_shishi.writing() as connection:
        connection.execute(text("UPDATE enterprises SET geom = NULL WHERE grade = 'red'"))
    about = groups.build(own_shishi)
    assert about["placed"] < about["units"]
    assert {one["why"] for one in about["alone"] if one["grade"] == "red"} == {"unplaced"}
    allied = [one for one in about["alone"] if one["why"] == "unplaced" and one["alliance"]]
    assert allied, "an alliance needs no place"


def test_the_links_of_each_unit_are_those_of_all_units_together(own_shishi):
    units, policy = read_units(own_shishi), policy_named()
    _, together = site_links(units, policy)
    of = {key: [] for key in units.ids}
    for link in together:
        of[link.a].append(link)
        of[link.b].append(link)
    assert len(together) > 1000
    for row in range(0, len(units.ids), 7):
        assert links_of(units, row, policy) == of[units.ids[row]]


def test_a_unit_tells_its_links_as_they_are_now_and_its_groups_as_built(built):
    store, _ = built
    group = sites(store)[0]
    lead = group["lead"]
    told = unit_links.links_around(store, lead)
    kept = {(link["a"], link["b"]): link for link in group["links"]}
    live = {(link["a"], link["b"]): link for link in told["links"]}
    for pair, link in kept.items():
        if lead in pair:
            assert {name: live[pair][name] for name in link} == link
    assert group["id"] in {one["id"] for one in told["groups"]}
    assert told["around"] >= len(told["links"]) > 0 and told["changed_since"] == []
    other = told["links"][0]["id"]
    with store.batch("edit") as batch:
        batch.connection.execute(text("DELETE FROM enterprises WHERE id = :id"), {"id": other})
        batch.touched.add("enterprises")
    again = unit_links.links_around(store, lead)
    assert again["changed_since"] == ["enterprises"]
    assert group["id"] in {one["id"] for one in again["groups"]}


def test_the_list_is_written_for_the_office_and_for_other_tools(built, tmp_path):
    store, about = built
    book, table = tmp_path / "groups.xlsx", tmp_path / "groups.geojson"
    total = sum(about["groups"].values())
    assert group_lists.write_list(store, book, "zh") == total
    sheets = openpyxl.load_workbook(book)
    assert sheets["联防组"].max_row == total + 1
    assert sheets["未成组"].max_row == len(about["alone"]) + 1
    assert group_lists.write_list(store, table, "en", kind="site") == about["groups"]["site"]
    features = json.loads(table.read_text("utf-8"))["features"]
    for feature in features:
        assert len(feature["geometry"]["coordinates"]) == feature["properties"]["n"]
