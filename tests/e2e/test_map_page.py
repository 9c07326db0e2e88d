"""The map page in a real browser, without network, GPU or a Chinese system font."""

from __future__ import annotations

import pytest

from tests.e2e.axe import axe_violations
from tests.e2e.pixels import pixels
from tests.web.small_city import HOSTILE

pytestmark = pytest.mark.browser
RED, BLUE = (165, 15, 21), (43, 108, 184)


def _count(page, grade: str) -> str:
    return page.locator(f"[data-grade={grade}] .count").first.inner_text()


def _find(page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(text)
    page.wait_for_selector("#found [role=option][id]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#card:not([hidden])")


def test_marks_are_painted_and_counted(open_map) -> None:
    page = open_map()
    page.wait_for_timeout(1500)
    assert pixels(page, RED) > 20
    assert pixels(page, BLUE) > 20
    assert (_count(page, "red"), _count(page, "yellow"), _count(page, "blue")) == ("2", "2", "1")
    assert page.locator("#requests").inner_text() == "0 外部请求"
    assert page.locator("#status-fill").inner_text()


def test_the_legend_filters_map_and_numbers(open_map) -> None:
    page = open_map()
    page.wait_for_timeout(1000)
    before, text = pixels(page, BLUE), page.locator("#legend-hint").inner_text()
    button = page.locator("button[data-grade=blue]")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    page.wait_for_timeout(1500)
    assert page.locator("#legend-hint").inner_text() != text
    assert pixels(page, BLUE) < before
    assert "off=blue" in page.url


def test_switching_a_layer_off_changes_the_counts(open_map) -> None:
    page = open_map()
    page.locator("[data-layer=enterprises]").uncheck()
    page.wait_for_timeout(1000)
    assert (_count(page, "red"), _count(page, "yellow"), _count(page, "blue")) == ("1", "1", "1")


def test_a_hostile_name_is_only_text(open_map) -> None:
    page = open_map()
    page.keyboard.press("Control+k")
    page.keyboard.type("{{ 7")
    assert HOSTILE in page.locator("#found [role=option][id]").first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#card:not([hidden])")
    assert page.locator("#card-name").inner_text() == HOSTILE
    page.locator("#list-toggle").click()
    page.wait_for_selector("#rows li")
    assert HOSTILE in page.locator("#rows").inner_text()
    assert page.locator("#card img, #rows img, #found img").count() == 0


def test_the_card_says_why_and_leads_to_the_children(open_map) -> None:
    page = open_map("?lang=zh#at=enterprises/E2")
    page.wait_for_selector("#card:not([hidden])")
    assert "示例锦源染整有限公司" in page.locator("#card").inner_text()
    page.locator("#card .row", has_text="示例风险点R3").click()
    page.wait_for_selector("#card-name:has-text('示例风险点R3')")
    card = page.locator("#card").inner_text()
    assert "135" in card and "模拟数据" in card
    assert "at=risk_points/R3" in page.url


def test_the_card_tells_first_what_is_odd_about_a_record(open_map) -> None:
    page = open_map("?lang=zh#at=enterprises/E2")
    page.wait_for_selector("#card:not([hidden])")
    assert page.locator("#card .tag").all_inner_texts() == ["模拟数据", "⚑ 信用代码与他人相同"]


def test_a_click_on_a_mark_opens_its_card(open_map) -> None:
    page = open_map("?lang=zh#view=16/24.74/118.625")
    page.wait_for_timeout(1500)
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#card:not([hidden])")
    assert page.locator("#card [data-grade=red]").count() == 1


def test_the_list_shows_what_is_in_view_worst_first(open_map) -> None:
    page = open_map()
    page.locator("#list-toggle").click()
    page.wait_for_selector("#rows li")
    rows = page.locator("#rows li").all_inner_texts()
    assert len(rows) == 5
    assert "重大" in rows[0] and "低" in rows[-1]


def test_the_language_switch_keeps_the_view(open_map) -> None:
    page = open_map("?lang=zh#view=14/24.74/118.63")
    page.locator("#language").click()
    page.wait_for_selector("html[lang=en][data-ready]", state="attached")
    assert "Safety risk map" in page.title()
    assert "view=14.00/24.74" in page.url
    assert page.locator("#legend-title").inner_text() == "Risk grade"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_needs_no_sideways_scrolling(open_map, lang: str) -> None:
    page = open_map(f"?lang={lang}", 390, 844)
    _find(page, "锦源")
    assert page.locator("html").evaluate("node => node.scrollWidth") <= 390
    card = page.locator("#card").bounding_box()
    assert card["x"] >= 0 and card["x"] + card["width"] <= 390
    assert card["y"] > 250


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "light"), ("en", "dark")])
def test_axe_finds_nothing(open_map, lang: str, scheme: str) -> None:
    page = open_map(f"?lang={lang}", scheme=scheme)
    _find(page, "锦源")
    page.locator("#list-toggle").click()
    page.wait_for_selector("#rows li")
    assert axe_violations(page) == "[]"
