"""Enterprises that a direct rule judges: red on their card, in their town and in the city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_risk.services import explaining, grading, imports, roll_ups, verifying
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
