"""Ways down: each lowers the colour when it is graded again, and nothing smaller does."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_risk.errors import Text
from geo_risk.grading import GRADERS, DirectRule, chosen_rules, parse_substances, ways_down
from geo_risk.grading.direct_rules import Condition
from geo_risk.vocabulary import SEVERITY, Grade
from tests.oracles import grading_gb18218 as gb
from tests.oracles import grading_lec as lec

SCALE = {"l": lec.L_SCORES, "e": lec.E_SCORES, "c": lec.C_SCORES}
triples = st.fixed_dictionaries({name: st.sampled_from(scores) for name, scores in SCALE.items()})
stocks = st.lists(
    st.tuples(st.sampled_from(sorted(gb.KNOWN)), st.integers(1, 900_000)), min_size=1, max_size=4
)


def severity(name, row, profile="", rules=()):
    return SEVERITY[GRADERS[name].grade_rows([row], profile, rules)[0].grade]


@given(triples, st.sampled_from(["lec_strict_gt", "lec_ge"]))
def test_every_factor_goes_down_to_the_largest_score_that_suffices(row, profile):
    now = severity("lec", row, profile)
    changes = {change.field: change for change in ways_down(GRADERS["lec"], row, profile)}
    for field, scores in SCALE.items():
        lower = [s for s in scores if Fraction(s) < Fraction(row[field])]
        works = [
            s for s in lower if SEVERITY[Grade(lec.lec_grade(*_with(row, field, s), profile))] < now
        ]
        if not works:
            assert field not in changes
            continue
        change = changes[field]
        assert Fraction(change.after) == max(map(Fraction, works))
        assert severity("lec", change.row, profile) == SEVERITY[change.grade] < now


def _with(row, field, score):
    changed = {**row, field: score}
    return changed["l"], changed["e"], changed["c"]


@settings(max_examples=60, deadline=None)
@given(stocks, st.integers(0, 400))
def test_tonnes_come_off_to_the_kilogram_and_people_to_the_class(stock, people):
    text = ";".join(f"{name}:{kg // 1000}.{kg % 1000:03d}" for name, kg in stock)
    row = {"substances": text, "exposed_people": people}
    now = severity("gb18218", row)
    for change in ways_down(GRADERS["gb18218"], row):
        assert severity("gb18218", change.row) == SEVERITY[change.grade] < now
        if change.kind == "people":
            assert int(change.after) in (0, 29, 49, 99)
            higher = [top for top in (0, 29, 49, 99) if int(change.after) < top < people]
            assert all(severity("gb18218", {**row, "exposed_people": n}) == now for n in higher)
        elif change.field != "*":
            assert _one_kilo_more(change, row, now)


def _one_kilo_more(change, row, now):
    """With one kilogram more of that substance the colour would be what it is."""
    before, after = parse_substances(row["substances"]), Fraction(change.after)
    at = next(
        i
        for i, one in enumerate(before)
        if one.label == change.field and _differs(i, change, before)
    )
    parts = [
        f"{one.label}:{float(after + Fraction(1, 1000) if i == at else one.tonnes):.3f}"
        for i, one in enumerate(before)
    ]
    return severity("gb18218", {**row, "substances": ";".join(parts)}) == now


def _differs(at, change, before):
    """Whether the changed list has another amount in this place, or lacks it."""
    kept = [f"{s.label}:{s.tonnes}" for s in parse_substances(str(change.row["substances"]))]
    was = [f"{s.label}:{s.tonnes}" for s in before]
    return (len(kept) < len(was) and kept == was[:at] + was[at + 1 :]) or (
        len(kept) == len(was) and kept[at] != was[at]
    )


@given(triples, st.integers(0, 30), st.booleans(), st.booleans())
def test_direct_rules_have_to_cease_first(row, people, broken, engineering):
    rules = chosen_rules("risk_points", ["ten_at_work", "mandatory_rule_broken"])
    row = {
        **row,
        "accident_type": "火灾",
        "people_at_site": people,
        "mandatory_rule_broken": broken,
        "control_kind": "engineering" if engineering else None,
        "control_evidence": "验收" if engineering else None,
    }
    now = severity("lec", row, "lec_controls", rules)
    held = (people >= 10) + broken
    for change in ways_down(GRADERS["lec"], row, "lec_controls", rules):
        assert severity("lec", change.row, "lec_controls", rules) == SEVERITY[change.grade] < now
        assert (len(change.also) + (change.kind == "rule")) == held
        if held:
            assert change.row["people_at_site"] == min(people, 9)
            assert not change.row["mandatory_rule_broken"]


@pytest.mark.parametrize(
    ("name", "row"),
    [("lec", {"l": 1, "e": 1, "c": 1}), ("lec", {}), ("lec", {"stated_grade": "red"}),
     ("gb18218", {"substances": "氨:1"}), ("gb18218", {"substances": "苯乙烯:900"})],
)  # fmt: skip
def test_blue_no_data_and_a_stated_grade_have_no_way_down(name, row):
    assert ways_down(GRADERS[name], row) == ()


@given(triples, st.sampled_from([None, "engineering", "training"]), st.sampled_from([None, "验收"]))
def test_reasons_always_rebuild_the_grade(row, kind, evidence):
    """What is kept with a grade gives the same grade with the same reasons."""
    rules = chosen_rules("risk_points", ["ten_at_work"])
    row = {**row, "control_kind": kind, "control_evidence": evidence, "people_at_site": 12,
           "accident_type": "触电", "stated_grade": "blue"}  # fmt: skip
    first = GRADERS["lec"].grade_rows([row], "lec_controls", rules)[0]
    kept = first.basis.as_json()
    again = GRADERS[kept["method"]].grade_rows(
        [kept["inputs"]], kept["profile"], chosen_rules("risk_points", kept["rules"])
    )[0]
    assert again == first


@given(triples, triples, st.sampled_from([None, "engineering"]))
def test_raising_a_factor_never_lowers_the_grade_with_controls_either(one, other, kind):
    def graded(pick):
        row = {n: pick((one[n], other[n]), key=Fraction) for n in SCALE}
        return severity(
            "lec", {**row, "control_kind": kind, "control_evidence": "x"}, "lec_controls"
        )

    assert graded(max) >= graded(min)


def test_a_rule_that_nothing_can_end_leaves_no_way_down():
    always = Condition("people_at_site", "at_least", "0")
    text = Text("总成立", "Always so")
    rule = DirectRule("x", "risk_points", Grade.RED, True, text, text, "x", True, ((always,),))
    row = {"l": 1, "e": 1, "c": 1, "people_at_site": 3}
    assert ways_down(GRADERS["lec"], row, "", (rule,)) == ()
