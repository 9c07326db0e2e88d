"""A city's own check intervals and control levels, from the folder of its policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_risk.errors import CatalogueError, UsageError
from geo_risk.grading.checks import interval_names, interval_policy, suggested_levels
from geo_risk.vocabulary import Grade

HEAD = "profile,title_zh,title_en,grade,interval_days,clause,verified\n"
OWN = "city,本市,City,red,7,市文件,policy\ncity,本市,City,orange,,市文件,policy\n"
LEVELS = "grade,control_level,clause,verified\norange,city,市文件,policy\n"


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path))
    return tmp_path


def test_a_city_adds_intervals_of_its_own(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (policies / "check_intervals.csv").write_text(HEAD + OWN, "utf-8")
    assert interval_names()[-1] == "city"
    assert dict(interval_policy("city")) == {
        Grade.RED: 7, Grade.ORANGE: 0, Grade.YELLOW: 0, Grade.BLUE: 0, Grade.NO_DATA: 0,
    }  # fmt: skip
    assert interval_policy("by_grade_30_90_180_365")[Grade.RED] == 30
    monkeypatch.delenv("GEO_RISK_POLICIES_DIR")
    with pytest.raises(UsageError) as refused:
        interval_policy("city")
    assert (refused.value.code, refused.value.where) == ("intervals_unknown", "--intervals")
    assert refused.value.message["zh"] == "没有这个检查周期规定"
    assert "register_only" in refused.value.fix["zh"]


def test_a_citys_level_replaces_the_one_of_the_same_grade(
    policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (policies / "control_levels.csv").write_text(LEVELS, "utf-8")
    levels = suggested_levels()
    assert (levels[Grade.RED], levels[Grade.ORANGE], levels[Grade.YELLOW]) == (
        "city", "city", "unit",
    )  # fmt: skip
    monkeypatch.delenv("GEO_RISK_POLICIES_DIR")
    assert suggested_levels()[Grade.ORANGE] == "town"


@pytest.mark.parametrize(
    "line",
    [
        "city,本市,City,red,soon,x,policy",
        "city,本市,City,red,0,x,policy",
        "city,本市,City,purple,7,x,policy",
        "by_grade_30_90_180_365,a,b,red,300,x,policy",
    ],
    ids=["no number", "no days", "no grade", "a second row for a grade of ours"],
)
def test_rows_that_cannot_be_used_are_refused(policies: Path, line: str) -> None:
    (policies / "check_intervals.csv").write_text(f"{HEAD}{line}\n", "utf-8")
    with pytest.raises(CatalogueError) as refused:
        interval_policy(line.partition(",")[0])
    assert refused.value.code == "checks_invalid"
    assert "check_intervals.csv" in refused.value.where
