"""Siting plans in a real browser: the list, making one, its card with curve and proof, the map."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from geo_risk.services import register_plans, stores
from tests.e2e.axe import axe_violations
from tests.e2e.conftest import opening
from tests.e2e.pixels import pixels
from tests.e2e.serving import serving
from tests.web import small_streets

pytestmark = pytest.mark.browser
PLAN_COLOUR = (29, 107, 98)
INK = (31, 35, 40)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """The page's address, and the ids of a plan of stations and one of cameras."""
    target = small_streets.build(tmp_path_factory.mktemp("plans"))
    store = stores.open_store(target)
    asked = {"purpose": "fire_station", "p": 1, "curve": 3, "crossings": True}
    centres = register_plans.keep_centres(store, asked)
    cameras = register_plans.keep_cameras(store, {"p": 3, "camera": "bullet-4mp-6"})
    store.close()
    with serving(target) as url:
        yield url, centres, cameras


@pytest.fixture
def open_page(chromium, planned: tuple[str, str, str]) -> Iterator[Callable]:
    with opening(chromium, planned[0]) as opened:
        yield opened


def test_the_list_opens_a_plan_with_its_curve_its_proof_and_its_file(open_page, planned) -> None:
    page = open_page("?lang=zh")
    page.locator("#plans-toggle").click()
    rows = page.locator("#plan-rows .row-open")
    rows.nth(1).wait_for()
    assert rows.count() == 2
    assert "在生成路网上的方法演示" in rows.first.inner_text()
    page.locator(f"[data-plan='{planned[1]}']").click()
    page.wait_for_selector("#card .curve")
    card = page.locator("#card").inner_text()
    assert "消防站 新增 1 个，5 分钟" in card and "已证明最优" in card
    assert "site check" in card and "各等级按时到达" in card
    assert page.locator("#card .curve .curve-chosen").count() == 1
    page.locator("#card summary", has_text="数据表").click()
    assert page.locator("#card details .figures tbody tr").count() >= 4
    assert f"plan={planned[1]}" in page.url
    with page.expect_download() as saved:
        page.locator("#card .downloads a").click()
    assert saved.value.suggested_filename == f"{planned[1]}.geojson"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert "plan" not in page.url and not page.locator("#plans").is_visible()


def test_fields_of_view_are_drawn_and_go_with_the_card(open_page, planned) -> None:
    page = open_page(f"?lang=en#plan={planned[2]}")
    page.wait_for_selector("#card .figures")
    assert "Circles" in page.locator("#card").inner_text()
    page.locator("#card .row", has_text="1. ").first.click()
    page.wait_for_timeout(1500)
    drawn = pixels(page, PLAN_COLOUR)
    page.keyboard.press("Escape")
    page.wait_for_timeout(1000)
    assert drawn > pixels(page, PLAN_COLOUR) + 50


def test_the_curve_is_walked_by_keyboard_and_shows_other_plans(open_page, planned) -> None:
    page = open_page(f"?lang=en#plan={planned[1]}")
    slider = page.locator("#plan-slider")
    slider.focus()
    assert slider.get_attribute("aria-valuetext").startswith("1 new: ")
    before = pixels(page, INK)
    page.keyboard.press("End")
    said = page.locator("#card .slider output").inner_text()
    assert said.startswith("3 new: ") and slider.get_attribute("aria-valuetext") == said
    page.wait_for_timeout(1000)
    assert pixels(page, INK) > before + 50
    assert "curve.at" not in page.locator("#card").inner_text()


def test_a_plan_is_made_from_the_form_and_opened(chromium, tmp_path) -> None:
    with serving(small_streets.build(tmp_path)) as url, opening(chromium, url) as opened:
        page = opened("?lang=en#plans=all")
        assert "No plans yet" in page.locator("#plans-status").inner_text()
        page.locator("#plan-subject").select_option("fire_station")
        page.locator("#plan-p").fill("1")
        page.locator("#plan-crossings").check()
        page.locator("#plan-make").click()
        page.wait_for_selector("#card-name:has-text('Fire stations: 1 new')", timeout=60_000)
        assert page.locator("#plan-rows .row-open").count() == 1
        page.locator("#plan-subject").select_option("cameras")
        assert page.locator("#plan-town option").count() == 3
        page.locator("#plan-p").fill("1")
        page.locator("#plan-make").click()
        page.wait_for_selector("#card-name:has-text('1 new cameras')", timeout=60_000)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, planned, lang: str, scheme: str) -> None:
    for plan in planned[1:]:
        page = open_page(f"?lang={lang}#plans=all&plan={plan}", scheme=scheme)
        page.wait_for_selector("#card .figures")
        assert axe_violations(page) == "[]"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_a_plan_takes_the_place_of_the_list(open_page, planned, lang: str) -> None:
    page = open_page(f"?lang={lang}#plans=all", 360, 740)
    page.locator(f"[data-plan='{planned[2]}']").click()
    page.wait_for_selector("#card .figures")
    assert not page.locator("#plans").is_visible()
    assert page.locator("html").evaluate("node => node.scrollWidth") <= 360
    box = page.locator("#card .figures").first.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.locator("#card .back").click()
    page.wait_for_selector("#plans:not([hidden])")
