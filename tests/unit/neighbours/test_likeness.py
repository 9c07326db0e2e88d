"""Likeness: the example of the method page, policies of a city, words of tags."""

from __future__ import annotations

import numpy as np
import pytest

from geo_risk.errors import CatalogueError
from geo_risk.neighbours.likeness import (
    DEPTHS,
    Industries,
    Tags,
    business_likeness,
    industry_depth,
    link_score,
    meets,
    policies,
    policy_named,
)
from geo_risk.reference import table
from geo_risk.services.neighbours import tags_of

A, B = np.array([0], np.int32), np.array([1], np.int32)


def test_the_example_by_hand_of_the_method_page():
    policy = policy_named()
    depth = industry_depth(Industries.of([("C", "1713"), ("C", "1712")]), A, B)
    tags = Tags.of(map(tags_of, ["工艺:染整;物质:氨", "工艺：染整；物质：氯"]))
    business = business_likeness(tags, A, B, policy)
    score = link_score(np.array([100.0]), depth, business, 500.0, policy)
    assert depth.tolist() == [3] and DEPTHS[3]["zh"] == "中类相同"
    assert business[0] == 3 / 7
    assert score[0] == pytest.approx(0.6595, abs=5e-5)
    assert meets(policy, depth, business, score).tolist() == [True]
    strict = policy_named("joint_300_strict")
    assert meets(strict, depth, business, np.array([0.59])).tolist() == [False]


def test_near_alone_is_no_link_and_unknown_counts_nothing():
    policy = policy_named()
    depth, business = np.array([-1], np.int8), np.array([np.nan])
    score = link_score(np.array([0.0]), depth, business, 500.0, policy)
    assert score.tolist() == [pytest.approx(1 / 3)]
    assert not meets(policy, depth, business, np.array([1.0])).any()
    assert link_score(np.array([250.0]), None, None, 500.0, policy).tolist() == [0.5]


def test_tags_are_read_by_kind_width_and_case():
    assert tags_of("工艺:染整；物质：氨、Scale:Large|大型") == [
        ("process", "染整"), ("substance", "氨"), ("scale", "large"), ("other", "大型"),
    ]  # fmt: skip
    assert tags_of(["染整", "别的:锅炉"]) == [("other", "染整"), ("other", "别的:锅炉")]
    assert tags_of('["染整", "物质:氨"]') == [("other", "染整"), ("substance", "氨")]
    assert tags_of("[染整") == [("other", "[染整")]
    assert tags_of(None) == tags_of(" ; ;") == tags_of("物质:") == []


def test_equal_tags_overlap_wholly_whatever_their_weights(tmp_path, monkeypatch):
    row = dict(table("neighbour_policies")[0])
    row |= {"policy": "ours", "tag_process": "0.1", "tag_substance": "0.7", "tag_other": "0.3"}
    _write(tmp_path, monkeypatch, row)
    assert list(policies()) == ["joint_500", "joint_300_strict", "ours"]
    tags = Tags.of([tags_of("工艺:a;物质:b;c;d;e")] * 2)
    assert business_likeness(tags, A, B, policy_named("ours")).tolist() == [1.0]


@pytest.mark.parametrize(
    ("column", "value"),
    [("policy", "joint_500"), ("policy", ""), ("near_weight", "x"), ("near_weight", "-1"),
     ("tag_scale", "0"), ("radius_m", "inf"), ("min_industry_depth", "5"), ("min_score", "nan")],
)  # fmt: skip
def test_a_citys_policy_that_cannot_be_names_its_column(tmp_path, monkeypatch, column, value):
    row = dict(table("neighbour_policies")[0]) | {"policy": "ours", column: value}
    _write(tmp_path, monkeypatch, row)
    with pytest.raises(CatalogueError) as refused:
        policy_named("ours")
    assert refused.value.code == "neighbour_policy_invalid"
    assert column in refused.value.where


def _write(folder, monkeypatch, row):
    cells = [f'"{value}"' for value in row.values()]
    text = ",".join(row) + "\n" + ",".join(cells) + "\n"
    (folder / "neighbour_policies.csv").write_text(text, "utf-8")
    monkeypatch.setenv("GEO_RISK_POLICIES_DIR", str(folder))
