"""A served small city and a Chromium that fails the test on any foreign request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.e2e.serving import serving
from tests.web import small_city

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="session")
def served_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the map page of the small city."""
    with serving(small_city.build(tmp_path_factory.mktemp("e2e"))) as url:
        yield url


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[object]:
    """One headless browser for the session."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium_path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def open_map(chromium, served_city: str) -> Iterator[Callable]:  # type: ignore[no-untyped-def]
    """`open_map(query, width, height)` gives the loaded page; foreign requests and errors fail."""
    with opening(chromium, served_city) as opened:
        yield opened


@contextmanager
def opening(chromium, address: str) -> Iterator[Callable]:  # type: ignore[no-untyped-def]
    """A function that opens pages of a served map; at the end nothing may have gone wrong."""
    contexts, foreign, wrong = [], [], []
    own = urlsplit(address).netloc

    def opened(query: str = "?lang=zh", width: int = 1280, height: int = 800, scheme="light"):  # type: ignore[no-untyped-def]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()

        def note(request) -> None:  # type: ignore[no-untyped-def]
            parts = urlsplit(request.url)
            if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own:
                foreign.append(request.url)

        page.on("request", note)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.goto(address + query)
        page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not foreign
    assert not wrong
