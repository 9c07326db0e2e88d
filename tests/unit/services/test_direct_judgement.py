"""Enterprises that a direct rule judges: red on their card, in their town and in the city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from geo_risk.errors import CatalogueError, UsageError
from geo_risk.resources import shipped
from geo_risk.services import (
    explaining,
    grading,
    imports,
    roll_ups,
    stores,
    verifying,
    what_if,
)
from geo_risk.services.imports import import_file
from geo_risk.store import Query, Store, open_store
from tests.web import small_city

HEADER = (
    "编号,名称,经度,纬度,危险化学品生产储存企业,"
    "在役装置未经正规设计且未做安全设计诊断,三年内较大事故\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(small_city.build(tmp_path)))
    yield opened
    opened.close()


def judged(store: Store, folder: Path, *rows: str) -> str:
    file = folder / "判定.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    batch = import_file(store, file, "enterprises", "wgs84").batch
    assert batch is not None
    return batch


def city(store: Store) -> dict[str, int]:
    return dict(roll_ups.rollup(store, "city")["areas"][0]["counts"])


def test_a_verified_rule_makes_an_enterprise_red_and_counts_once_more(
    store: Store, tmp_path: Path
) -> None:
    before = city(store)
    batch = judged(
        store,
        tmp_path,
        "E8,示例化工甲,118.62,24.72,是,是,0",
        "E9,示例化工乙,118.69,24.72,是,否,2",
        "E7,示例化工丙,118.69,24.73,否,是,3",
        "E6,示例化工丁,118.69,24.74,是,否,1",
    )
    grades = {r["id"]: r["grade"] for r in store.features(Query("enterprises"))}
    assert [grades[key] for key in ("E8", "E9", "E7", "E6")] == ["red", "red", "no_data", "no_data"]
    told = explaining.explain(store, "enterprises", "E8")
    assert [reason["code"] for reason in told["reasons"]] == ["roll_up_worst", "direct_rule"]
    assert "应急〔2018〕19号" in told["reasons"][1]["clause"]
    after = city(store)
    assert after["red"] == before["red"] + 2
    towns = roll_ups.rollup(store, "town")["areas"]
    assert sum(area["counts"]["red"] for area in towns) == after["red"]
    report = verifying.verify(store)
    assert report["same"] == report["checked"], report["different"]
    imports.undo(store, batch)
    assert city(store) == before


def test_the_rules_of_enterprises_can_be_switched_off_and_on(store: Store, tmp_path: Path) -> None:
    judged(store, tmp_path, "E8,示例化工甲,118.62,24.72,是,是,0")
    off = grading.grade(store, "enterprises", rules="none")
    assert off["rules"] == {"enterprises": []}
    assert (store.feature("enterprises", "E8") or {})["grade"] == "no_data"
    on = grading.grade(store, "enterprises", rules="default")
    assert len(on["rules"]["enterprises"]) == 4
    assert (store.feature("enterprises", "E8") or {})["grade"] == "red"
    imports.undo(store, on["batch"])
    assert (store.feature("enterprises", "E8") or {})["grade"] == "no_data"


def test_undo_of_a_profile_grades_by_the_one_before(store: Store) -> None:
    done = grading.grade(store, profile="lec_ge")
    assert done["profiles"] == {"risk_points": "lec_ge"}
    imports.undo(store, done["batch"])
    again = grading.grade(store)
    assert again["profiles"]["risk_points"] == "lec_strict_gt"
    report = verifying.verify(store)
    assert report["same"] == report["checked"]


def test_what_would_lower_an_enterprise_names_the_rule_and_the_points(
    store: Store, tmp_path: Path
) -> None:
    judged(store, tmp_path, "E1,示例厂,118.625,24.74,是,是,2")
    told = what_if.what_if(store, "enterprises", "E1")
    assert told["grade"] == "red"
    first = told["items"][0]
    assert (first["layer"], first["id"]) == ("enterprises", "E1")
    assert [change["kind"] for change in first["changes"]] == ["rule", "rule"], "both have to cease"
    assert told["must_come_down"] == len(told["items"])
    town = next(r["town"] for r in store.features(Query("enterprises", ids=("E1",))))
    in_town = what_if.what_if(store, "towns", town)["items"]
    assert ("enterprises", "E1") in {(item["layer"], item["id"]) for item in in_town}
    judged(store, tmp_path, "E7,示例厂七,118.626,24.74,否,否,0")
    nothing = what_if.what_if(store, "enterprises", "E7")
    assert (nothing["grade"], nothing["items"]) == ("no_data", [])
    assert nothing["note"]["en"].startswith("There is no grade")


def test_a_rule_that_lacks_only_a_field_says_so(store: Store, tmp_path: Path) -> None:
    judged(store, tmp_path, "E8,示例化工甲,118.62,24.72,,是,")
    told = explaining.explain(store, "enterprises", "E8")
    assert told["grade"] == "no_data"
    opened = [r for r in told["reasons"] if r["code"] == "direct_rule_open"]
    assert opened and "hazchem_enterprise" in opened[0]["zh"]


def test_a_grade_changed_behind_the_programs_back_is_mended_by_grading_again(
    store: Store, tmp_path: Path
) -> None:
    table = store.schema.layers["risk_points"]
    with store.writing() as connection:
        connection.execute(update(table).values(grade="blue", score=1.0))
    report = verifying.verify(store)
    assert report["same"] < report["checked"]
    done = grading.grade(store)
    assert done["changed"] > 0
    report = verifying.verify(store)
    assert report["same"] == report["checked"]


def test_a_policy_that_is_not_on_this_machine_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    rows = (shipped("data") / "reference" / "grade_profiles.csv").read_text("utf-8").splitlines()
    own = [rows[0], *(r.replace("lec_ge", "city_lec") for r in rows if r.startswith("lec_ge"))]
    (folder / "grade_profiles.csv").write_text("\n".join(own), "utf-8")
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(folder))
    grading.grade(store, "risk_points", "city_lec")
    monkeypatch.delenv("GEO_RISK_POLICIES_DIR")
    report = verifying.verify(store)
    assert set(report["by_what"]) == {"profile_gone"}
    with pytest.raises(UsageError, match="GEO_RISK_POLICIES_DIR"):
        grading.grade(store)
    problems = stores.doctor(store.target)["problems"]
    assert any("city_lec" in problem for problem in problems)


def test_a_rule_that_asks_a_field_of_another_type_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "direct_rules.csv").write_text(
        "rule,layer,grade,on,title_zh,title_en,scope_zh,scope_en,clause,verified\n"
        "x,risk_points,red,1,甲,A,乙,B,丙,policy\n",
        "utf-8",
    )
    (tmp_path / "direct_rule_conditions.csv").write_text(
        "rule,alternative,field,test,value,clause,verified\nx,1,measures,at_least,3,丙,policy\n",
        "utf-8",
    )
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path))
    with pytest.raises(CatalogueError, match="measures at_least"):
        grading.grade(store)
