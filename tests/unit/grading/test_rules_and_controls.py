"""Direct rules, controls, scores between the official ones, and policies of the city's own."""

from pathlib import Path

import pytest

from geo_risk.errors import CatalogueError, UsageError
from geo_risk.grading import GRADERS, chosen_rules, direct_rules, division_names, grade_lec
from geo_risk.grading.profiles import bands, profile_names
from geo_risk.vocabulary import Grade

RED = {"l": 3, "e": 6, "c": 40}
ORANGE = {"l": 3, "e": 6, "c": 15}
YELLOW = {"l": 1, "e": 6, "c": 15}
CONTROL = {"control_kind": "engineering", "control_evidence": "验收〔2026〕7 号"}


def graded(row, profile="", rules=()):
    return GRADERS["lec"].grade_rows([row], profile, rules)[0]


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [(RED, "red", "orange"), (ORANGE, "orange", "yellow"), (YELLOW, "yellow", "yellow")],
)  # fmt: skip
def test_a_control_with_evidence_lowers_one_step_never_below_its_limit(row, before, after):
    result = graded({**row, **CONTROL}, "lec_controls")
    assert graded(row, "lec_controls").grade.value == before
    assert result.grade.value == after
    assert result.details["inherent"] == before
    reason = result.reasons[-1]
    assert reason.code == "control_lowers"
    assert "验收〔2026〕7 号" in reason.text["zh"] and reason.clause


@pytest.mark.parametrize(
    ("more", "profile", "code"),
    [({"control_kind": "engineering", "control_evidence": " "}, "lec_controls",
      "control_without_evidence"),
     ({"control_kind": "training", "control_evidence": "记录"}, "lec_controls",
      "control_of_other_kind"),
     (CONTROL, "lec_strict_gt", None)],
)  # fmt: skip
def test_without_evidence_of_another_kind_or_under_another_profile_nothing_is_lowered(
    more, profile, code
):
    result = graded({**RED, **more}, profile)
    assert result.grade is Grade.RED
    codes = [reason.code for reason in result.reasons]
    assert "control_lowers" not in codes
    assert (code in codes) if code else "control_without_evidence" not in codes


def test_a_grade_below_the_limit_is_left_alone():
    blue = {"l": 1, "e": 1, "c": 1}
    assert (
        graded({**blue, **CONTROL}, "lec_controls").reasons == graded(blue, "lec_controls").reasons
    )


def test_no_direct_rule_of_the_points_is_on_by_itself_and_the_verified_ones_are():
    assert chosen_rules("risk_points") == ()
    assert chosen_rules("hazard_sources") == ()
    on = chosen_rules("enterprises")
    assert len(on) == 4
    assert all(rule.verified and "19号" in rule.clause for rule in on)
    assert all(not rule.on for rule in direct_rules() if not rule.verified)


def test_a_direct_rule_makes_a_blue_point_red_and_says_why_and_how_sure_that_is():
    rules = chosen_rules("risk_points", ["ten_at_work"])
    low = {"l": 1, "e": 1, "c": 1, "accident_type": "火灾", "people_at_site": 10}
    result = graded(low, "", rules)
    assert result.grade is Grade.RED
    reason = result.reasons[-1]
    assert reason.code == "direct_rule"
    assert "未与原文核对" in reason.text["zh"] and "not checked" in reason.text["en"]
    assert reason.inputs == {"rule": "ten_at_work", "accident_type": "火灾", "people_at_site": "10"}
    assert result.score == 1, "the score stays what it is"
    for other in ({"people_at_site": 9}, {"accident_type": "触电"}, {"people_at_site": None}):
        assert graded({**low, **other}, "", rules).grade is Grade.BLUE
    assert graded(low).grade is Grade.BLUE, "off unless it is asked"


def test_what_is_judged_directly_no_control_lowers_and_a_missing_score_does_not_hide():
    rules = chosen_rules("risk_points", ["mandatory_rule_broken"])
    row = {**RED, **CONTROL, "mandatory_rule_broken": True}
    assert graded(row, "lec_controls", rules).grade is Grade.RED
    assert graded({"mandatory_rule_broken": True}, "", rules).grade is Grade.RED


def test_a_rule_may_look_at_what_the_method_found():
    rules = chosen_rules("hazard_sources", ["major_hazard_source"])
    grade = GRADERS["gb18218"].grade_rows
    rows = [{"substances": "氨:10", "exposed_people": 0}, {"substances": "氨:9.9"}]
    assert [g.grade.value for g in grade(rows, "", rules)] == ["red", "blue"]
    assert [g.grade.value for g in grade(rows)] == ["yellow", "blue"]


def test_a_rule_that_is_not_there_names_those_of_the_layer():
    with pytest.raises(UsageError, match="ten_at_work"):
        chosen_rules("risk_points", ["nonsense"])
    with pytest.raises(UsageError):
        chosen_rules("risk_points", ["major_hazard_source"])


def test_scores_between_the_official_ones_only_where_the_profile_says_so():
    with pytest.raises(UsageError) as caught:
        grade_lec(4, 6, 15)
    assert caught.value.where == "l"
    result = grade_lec(4, 6, 15, "lec_between")
    assert (result.score, result.grade, result.profile) == (360, Grade.RED, "lec_between")
    assert "介于 3 与 6 之间" in result.reasons[0].text["zh"]
    for score in (11, 0.05, 0, -3):
        with pytest.raises(UsageError, match=r"from 0\.1 to 10"):
            grade_lec(score, 6, 15, "lec_between")


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(tmp_path))
    return tmp_path


HEAD = (
    "profile,method,grade_rank,colour,grade_zh,min,min_inclusive,max,max_inclusive,"
    "clause,verified\n"
)
OWN = (
    "city_lec,LEC,1,red,重大风险,400,1,,,市安委办〔2026〕1 号,policy\n"
    "city_lec,LEC,2,orange,较大风险,200,1,400,0,市安委办〔2026〕1 号,policy\n"
    "city_lec,LEC,3,yellow,一般风险,70,1,200,0,市安委办〔2026〕1 号,policy\n"
    "city_lec,LEC,4,blue,低风险,,,70,0,市安委办〔2026〕1 号,policy\n"
)


def test_a_city_adds_a_profile_and_a_rule_of_its_own_by_files(policies: Path):
    (policies / "grade_profiles.csv").write_text(HEAD + OWN, "utf-8")
    (policies / "direct_rules.csv").write_text(
        "rule,layer,grade,on,title_zh,title_en,scope_zh,scope_en,clause,verified\n"
        "crowded,risk_points,orange,1,百人以上,A hundred or more,本市,This city,市文件,verified\n",
        "utf-8",
    )
    (policies / "direct_rule_conditions.csv").write_text(
        "rule,alternative,field,test,value,clause,verified\n"
        "crowded,1,people_at_site,at_least,100,市文件,verified\n",
        "utf-8",
    )
    assert "city_lec" in profile_names("LEC")
    assert graded(ORANGE, "city_lec").grade is Grade.ORANGE
    assert graded({"l": 6, "e": 6, "c": 7}, "city_lec").grade is Grade.ORANGE
    (rule,) = chosen_rules("risk_points")
    crowd = {"l": 1, "e": 1, "c": 1, "people_at_site": 250}
    assert graded(crowd, "", (rule,)).grade is Grade.ORANGE


@pytest.mark.parametrize(
    ("change", "code"),
    [(("200,1,400,0", "210,1,400,0"), "profile_invalid"),
     (("200,1,400,0", "200,1,400,1"), "profile_invalid"),
     (("orange", "blue"), "profile_invalid"),
     ((HEAD, "profile,method\n"), "policy_table_invalid")],
    ids=["gap", "overlap", "colours turned round", "columns"],
)  # fmt: skip
def test_a_policy_with_a_fault_is_refused_with_its_name(policies: Path, change, code):
    (policies / "grade_profiles.csv").write_text((HEAD + OWN).replace(*change, 1), "utf-8")
    with pytest.raises(CatalogueError) as caught:
        bands("LEC", "city_lec")
    assert caught.value.code == code
    assert caught.value.where and caught.value.fix["zh"]


def test_a_city_cannot_change_a_standard(policies: Path):
    (policies / "gb18218_2018_table3.csv").write_text("name_zh,cas,table1_no,beta\n氨,x,1,99\n")
    assert (
        GRADERS["gb18218"].grade_rows([{"substances": "氨:10", "exposed_people": 1}])[0].score == 2
    )


def test_a_folder_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", "/nowhere/policies")
    with pytest.raises(CatalogueError, match="GEO_RISK_POLICIES_DIR"):
        profile_names("LEC")


def test_a_city_gives_the_divisions_of_industry_their_names(policies: Path):
    assert division_names() == {}
    (policies / "industry_divisions.csv").write_text(
        "division,name_zh,name_en\n18,服装业,Garments\n", "utf-8"
    )
    assert division_names()["18"] == {"zh": "服装业", "en": "Garments"}
