"""What changed a grade: its data, or only the profile and rules it is judged by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from geo_risk.assessment import Change
from geo_risk.services import grading, imports
from geo_risk.services.assessment import assess
from geo_risk.services.assessment_method import profiles
from geo_risk.services.assessment_reasons import first_change
from geo_risk.store import Query, Store, open_store
from geo_risk.vocabulary import Grade

HEAD = "编号,名称,经度,纬度,L,E,C,已落实的管控类别,管控措施证据\n"
ONE = "R1,示例甲,118.65,24.73,3,6,40,工程技术,验收单 7 号\n"
TWO = "R2,示例乙,118.66,24.73,10,6,40,,\n"


def add(store: Store, folder: Path, *lines: str) -> str:
    path = folder / "points.csv"
    path.write_text(HEAD + "".join(lines), "utf-8")
    report = imports.import_file(store, path, "risk_points", "wgs84")
    assert report.stored == len(lines)
    return str(report.batch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(str(tmp_path / "small.gpkg"), create=True)
    add(store, tmp_path, ONE, TWO)
    return store


def since(store: Store, batch: str) -> Change:
    change = assess(store, batch).change
    assert change is not None
    return change


def test_a_profile_that_lets_controls_lower_is_no_lower_risk(store: Store) -> None:
    batch = grading.grade(store, "risk_points", "lec_controls")["batch"]
    change = since(store, batch)
    assert {kind: n for kind, n in change.counts.items() if n} == {"rules": 1}
    (moved,) = change.moved
    assert (moved.id, moved.kind, moved.before, moved.after) == (
        "R1", "rules", Grade.RED, Grade.ORANGE,
    )  # fmt: skip
    assert moved.reason is not None
    assert moved.reason["zh"].startswith("已落实管控（证据：")
    assert "验收单 7 号），由红降为橙" in moved.reason["zh"]
    assert "→" not in moved.reason["zh"]
    (policy,) = change.policies
    assert (policy.profiles, policy.items) == (("lec_strict_gt", "lec_controls"), 2)
    assert policy.rules[0] == policy.rules[1]


def test_a_control_recorded_is_a_lower_risk(store: Store, tmp_path: Path) -> None:
    grading.grade(store, "risk_points", "lec_controls")
    batch = add(store, tmp_path, TWO.replace(",,\n", ",工程技术,验收单 8 号\n"))
    change = since(store, batch)
    assert {kind: n for kind, n in change.counts.items() if n} == {"better": 1}
    assert change.policies == ()
    back = since(store, add(store, tmp_path, TWO))
    assert {kind: n for kind, n in back.counts.items() if n} == {"worse": 1}
    reason = back.moved[0].reason
    assert reason is not None
    assert reason["zh"].startswith("已落实管控（证据：")
    assert "验收单 8 号），由红降为橙" in reason["zh"]
    assert "→ D = 2400" in reason["zh"], "what decided then, and what decides now"


def test_other_scores_and_another_profile_at_once_are_another_risk(
    store: Store, tmp_path: Path
) -> None:
    batch = grading.grade(store, "risk_points", "lec_controls")["batch"]
    add(store, tmp_path, ONE.replace("3,6,40", "6,6,40"))
    change = since(store, batch)
    assert (change.counts["rules"], change.counts["better"]) == (0, 1)
    assert change.policies[0].items == 2


def test_rules_switched_are_told_apart(store: Store, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = list(store.features(Query("risk_points", ids=("R1",))))
    with store.batch("grade", layer="risk_points") as batch:
        records = [{**rows[0], "l": 0.5, "people_at_site": 12, "accident_type": "火灾"}]
        grading.grade_records(store, store.spec("risk_points"), records, batch.connection)
        batch.put(store.spec("risk_points"), records)
        batch.info |= {"rows": 1, "stored": 1, "rejected": 0, "unplaced": 0}
    switched = grading.grade(store, "risk_points", rules=["ten_at_work"])["batch"]
    change = since(store, switched)
    assert {kind: n for kind, n in change.counts.items() if n} == {"rules": 1}
    (moved,) = change.moved
    assert moved.reason is not None
    assert moved.reason["zh"].startswith("直接判定为红色")
    (policy,) = change.policies
    assert "ten_at_work" in policy.rules[1]
    assert "ten_at_work" not in policy.rules[0]
    off = grading.grade(store, "risk_points", rules="none")["batch"]
    reason = since(store, off).moved[0].reason
    assert reason is not None
    assert reason["zh"].startswith("直接判定为红色")
    assert "→ D = 120" in reason["zh"]


def test_a_profile_built_on_another_tells_its_limits_and_what_it_adds(store: Store) -> None:
    grading.grade(store, "risk_points", "lec_controls")
    (profile,) = assess(store).profiles
    assert [text["zh"] for _, text, _ in profile.bands] == [
        "320 < D", "160 < D ≤ 320", "70 < D ≤ 160", "D ≤ 70",
    ]  # fmt: skip
    assert profile.checked == "verified"
    assert profile.adds is not None
    words, clause = profile.adds
    assert words["zh"].startswith("分界值同 lec_strict_gt，另加：工程技术措施")
    assert "never below yellow" in words["en"]
    assert clause


@pytest.mark.parametrize(
    ("name", "adds", "said"),
    [
        ("lec_between", True, "介于官方分值之间"),
        ("ls5_17_11_5_controls", True, "不低于黄"),
        ("stated", False, "登记等级，未用方法计算"),
        ("of_a_city", False, "本机没有这个方案"),
        ("hazard_level_colours", False, "一级"),
    ],
)
def test_only_the_stated_grade_is_by_no_method(name: str, adds: bool, said: str) -> None:
    from geo_risk.assessment import LayerFigure, Tally
    from geo_risk.errors import Text

    figure = LayerFigure("x", Text("x", "x"), Tally(), ((name, 3),))
    (profile,) = profiles((figure,))
    assert (profile.adds is not None) == adds
    texts = [text for _, text, _ in profile.bands] + ([profile.adds[0]] if profile.adds else [])
    assert any(said in text["zh"] for text in texts)
    if name != "stated":
        assert not any("by no method" in text["en"] for text in texts)


def reason(code: str, zh: str, **inputs: str) -> dict[str, Any]:
    return {"code": code, "zh": zh, "en": zh, "clause": "x", "inputs": inputs}


def test_the_name_of_a_profile_is_not_another_grade() -> None:
    old = [reason("d_band", "D = 720，红色（方案 红色甲）", profile="红色甲")]
    new = [reason("d_band", "D = 720，红色（方案 橙色乙）", profile="橙色乙")]
    told = first_change(old, new)
    assert told is not None
    assert "→" not in told["zh"]
    lower = [reason("d_band", "D = 200，橙色（方案 红色甲）", profile="红色甲")]
    assert first_change(old, lower) == {
        "zh": f"{old[0]['zh']} → {lower[0]['zh']}", "en": f"{old[0]['en']} → {lower[0]['en']}",
    }  # fmt: skip
    at_limit = reason("control_lowers", "已在限值", before="yellow", after="yellow")
    open_rule = reason("direct_rule_open", "还缺 people_at_site")
    told = first_change(old, [*lower, at_limit, open_rule])
    assert told is not None
    assert told["zh"].endswith(lower[0]["zh"]), "a control that lowers nothing decides nothing"
    assert json.dumps(told, ensure_ascii=False)
