"""The assessment's page: whole, quiet on the network, and no name of a user is ever markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from geo_risk.assessment import MapMark
from geo_risk.render.assessment_maps import thinned
from geo_risk.render.assessment_page import assessment_page
from geo_risk.vocabulary import GRADES, Grade
from tests.unit.assessments import HOSTILE, assessment

VOID = {"meta", "wbr", "br", "hr", "img", "input", "link"}
CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


class Page(HTMLParser):
    """Tags in order, attributes, texts; every tag must be closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], "unclosed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.texts.append(data)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text(name: str, lang: Any) -> None:
    plain = Page(assessment_page(assessment("Somewhere"), lang))
    page = Page(assessment_page(assessment(name), lang))
    assert page.tags == plain.tags, "no name adds or ends an element"
    names = sorted({(tag, key) for tag, key, _ in page.attributes})
    assert names == sorted({(tag, key) for tag, key, _ in plain.attributes})
    assert "script" not in page.tags
    said = "".join(page.texts)
    assert said.count(name) >= 15, "and it is shown as it is, in every place"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_asks_nobody_for_anything(lang: Any) -> None:
    text = assessment_page(assessment(), lang)
    page = Page(text)
    assert re.findall(r"https?:|//\w|@import|javascript:", text) == []
    assert set(re.findall(r"url\([^)]*\)", text)) == {"url(#hatch)"}
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(page.tags)
    links = [value for _, key, value in page.attributes if key in ("href", "src")]
    assert all(value.startswith("#") for value in links)
    anchors = {value for _, key, value in page.attributes if key == "id"}
    assert {link[1:] for link in links} <= anchors
    assert not [key for _, key, _ in page.attributes if key.startswith("on") or key == "style"]
    policy = next(v for _, key, v in page.attributes if key == "content" and "default-src" in v)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_the_english_page_has_no_chinese_of_its_own() -> None:
    assert CHINESE.findall("".join(Page(assessment_page(assessment(), "en")).texts)) == []


def test_the_chinese_page_has_chinese_headings_and_no_leftover_braces() -> None:
    page = Page(assessment_page(assessment(), "zh"))
    said = "".join(page.texts)
    for words in ("总体情况", "地图", "分类统计", "各类最重的十个", "变化", "方法与局限", "无数据"):
        assert words in said
    for lang in ("zh", "en"):
        texts = "".join(Page(assessment_page(assessment(), lang)).texts)
        assert "{" not in texts, "a word that was never filled in"


def test_ids_are_unique_and_headings_go_down_in_order() -> None:
    page = Page(assessment_page(assessment(), "zh"))
    ids = [value for _, key, value in page.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_numbers_of_the_assessment_stand_on_the_page() -> None:
    found = assessment()
    said = " ".join(Page(assessment_page(found, "en")).texts)
    assert "9 of 10 risk points and hazard sources are graded" in said
    assert "3 of 4 graded" in said
    assert re.search(r"25\s*#1", said), "a share is shown in per cent"
    for grade in GRADES:
        assert f"{100 * found.city.tally.of(grade) / 10:.1f} %" in said


def test_no_data_is_hatched_and_never_blue() -> None:
    text = assessment_page(assessment(), "zh")
    assert ".g-no_data{fill:url(#hatch)}" in text
    assert ".a-no_data{fill:url(#hatch)" in text
    assert GRADES[Grade.BLUE].colour not in text[text.index(".g-no_data") : text.index(".mark.g-")]


def test_without_change_and_map_these_chapters_are_left_out_or_say_so() -> None:
    text = assessment_page(replace(assessment(), change=None, map=None), "en")
    assert 'id="change"' not in text
    assert "there is nothing to draw" in text


def test_paper_repeats_heads_and_keeps_rows_whole() -> None:
    text = assessment_page(assessment(), "zh")
    assert "@page { size: A4" in text
    assert "display: table-header-group" in text
    assert "break-inside: avoid" in text


def test_where_marks_are_many_the_worst_of_each_place_is_drawn() -> None:
    data = assessment().map
    assert data is not None
    marks = [
        MapMark(Grade.RED if n % 7 == 0 else Grade.ORANGE, 10.0 * n, 5.0 * (n % 1_000))
        for n in range(1_000)
    ]
    numbered = MapMark(Grade.ORANGE, 10.0, 5.0, "10")
    few = replace(data, marks=(*marks[:50], numbered))
    assert len(thinned(replace(few, marks=(numbered,)))) == 1
    many = thinned(replace(data, marks=(*marks, numbered)))
    assert numbered in many
    assert len(many) < 500
    red = [item for item in many if item.grade is Grade.RED]
    assert len(red) >= 0.9 * sum(item.grade is Grade.RED for item in marks)
