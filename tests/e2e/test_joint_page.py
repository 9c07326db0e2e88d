"""Joint prevention in a real browser: a unit's ring and links, the list of groups, a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.axe import axe_violations
from tests.e2e.conftest import opening
from tests.e2e.pixels import pixels
from tests.e2e.serving import serving
from tests.web import small_park
from tests.web.small_park import LEAD, NAMES

pytestmark = pytest.mark.browser
INK = (31, 35, 40)


@pytest.fixture(scope="module")
def park_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(small_park.build(tmp_path_factory.mktemp("park"))) as url:
        yield url


@pytest.fixture
def open_park(chromium, park_url: str) -> Iterator[Callable]:
    with opening(chromium, park_url) as opened:
        yield opened


def _group_rows(page) -> list[str]:
    page.wait_for_selector("#group-table tbody tr")
    return page.locator("#group-table tbody .row-name").all_inner_texts()


def test_a_unit_shows_its_links_with_reasons_and_leads_to_its_group(open_park) -> None:
    page = open_park(f"?lang=zh#at=enterprises/{LEAD}")
    page.wait_for_selector("#joint")
    joint = page.locator("#joint").inner_text()
    assert "周边 500 米内 3 家，其中 3 家相邻相近" in joint
    assert "位置相邻" in joint and "行业相近 小类相同 1752" in joint and "染色" in joint
    page.locator("#joint .row", has_text="片区组").click()
    page.wait_for_selector("#card h2:has-text('等 4 家')")
    assert "group=L" in page.url and "at=" not in page.url
    card = page.locator("#card").inner_text()
    assert NAMES[LEAD] in card and "牵头单位" in card and "联系和理由 6 条" in card
    assert page.locator("#card img").count() == 0
    page.locator("#card .row", has_text=NAMES["P3"]).click()
    page.wait_for_selector(f"#card-name:has-text('{NAMES['P3']}')")
    assert "at=enterprises/P3" in page.url and "group=" not in page.url


def test_the_list_filters_sorts_and_offers_its_files(open_park) -> None:
    page = open_park("?lang=en")
    page.locator("#groups-toggle").click()
    assert _group_rows(page) == [f"{NAMES[LEAD]} and 3 more", "示例单位F1 and 2 more"]
    assert "groups=site" in page.url
    page.locator("[data-column=n]").click()
    heads = page.locator("#group-table th").evaluate_all("n => n.map(h => h.ariaSort)")
    assert heads == ["none", "none", "descending", "none"]
    sizes = [int(n) for n in page.locator("#group-table td:nth-child(3)").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
    page.locator("[data-column=n]").click()
    sizes = [int(n) for n in page.locator("#group-table td:nth-child(3)").all_inner_texts()]
    assert sizes == sorted(sizes)
    page.locator("#group-major").check()
    assert _group_rows(page) == [f"{NAMES[LEAD]} and 3 more"]
    page.locator("[data-kind=alliance]").click()
    page.locator("#groups-status", has_text="No group fits").wait_for()
    page.locator("[data-kind=site]").click()
    with page.expect_download() as saved:
        page.locator("#group-files a", has_text="CSV").click()
    assert saved.value.suggested_filename.endswith(".csv")


def test_the_address_opens_list_and_group_and_escape_closes_them(open_park) -> None:
    page = open_park("?lang=zh#groups=site")
    page.locator("#group-table .row-open").first.click()
    page.wait_for_selector("#card:not([hidden])")
    assert page.locator("#groups").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert not page.locator("#card").is_visible() and not page.locator("#groups").is_visible()
    assert "group" not in page.url


def test_groups_are_formed_anew_by_a_button(chromium, tmp_path) -> None:
    target = small_park.build(tmp_path, grouped=False)
    with serving(target) as url, opening(chromium, url) as opened:
        page = opened("?lang=en#groups=site")
        assert "No groups yet" in page.locator("#groups-status").inner_text()
        page.locator("#group-build", has_text="Form groups").click()
        assert _group_rows(page) == [f"{NAMES[LEAD]} and 3 more", "示例单位F1 and 2 more"]
        page.locator("#group-build", has_text="Form anew").click()
        page.locator("#groups-status", has_text="2 of 2 groups").wait_for()


def test_ring_and_links_are_drawn_and_go_with_the_card(open_park) -> None:
    page = open_park(f"?lang=zh#at=enterprises/{LEAD}")
    page.wait_for_selector("#joint")
    page.wait_for_timeout(1500)
    drawn = pixels(page, INK)
    page.keyboard.press("Escape")
    page.wait_for_timeout(1000)
    assert drawn > 2 * pixels(page, INK) + 500


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_a_group_takes_the_place_of_the_list(open_park, lang: str) -> None:
    page = open_park(f"?lang={lang}#groups=all", 360, 740)
    _group_rows(page)
    assert page.locator("html").evaluate("node => node.scrollWidth") <= 360
    table = page.locator("#group-table").bounding_box()
    assert table["x"] >= 0 and table["x"] + table["width"] <= 360
    page.locator("#group-table .row-open").first.click()
    page.wait_for_selector("#card:not([hidden])")
    assert not page.locator("#groups").is_visible()
    page.locator("#card .back").click()
    page.wait_for_selector("#groups:not([hidden])")
    assert not page.locator("#card").is_visible()


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "dark"), ("en", "light")])
def test_axe_finds_nothing(open_park, lang: str, scheme: str) -> None:
    page = open_park(f"?lang={lang}#groups=all", scheme=scheme)
    page.locator("#group-table .row-open", has_text=NAMES[LEAD][:4]).first.click()
    page.wait_for_selector("#card:not([hidden])")
    assert axe_violations(page) == "[]"
