"""A real browser starts a job from the app's page; from another port it can do nothing."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.e2e.serving import serving
from tests.web import small_park

pytestmark = pytest.mark.browser

OWN = """async () => {
  const headers = {'Content-Type': 'application/json'};
  const body = JSON.stringify({inputs: {}});
  const started = await fetch('/processes/groups/execution', {method: 'POST', headers, body});
  const place = started.headers.get('Location');
  const seen = [started.status];
  for (let n = 0; n < 600; n++) {
    const job = await (await fetch(place)).json();
    if (job.status !== seen.at(-1)) seen.push(job.status);
    if (!['accepted', 'running'].includes(job.status)) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  const result = await (await fetch(place + '/results')).json();
  const gone = await fetch(place, {method: 'DELETE'});
  const left = await (await fetch('/jobs')).json();
  return [seen.at(0), seen.at(-1), result.groups.site, gone.status, left.numberMatched];
}"""
FOREIGN = """async (own) => {
  const address = own + 'processes/groups/execution';
  const json = {'Content-Type': 'application/json'};
  const body = '{"inputs":{}}';
  const told = [];
  for (const asked of [
    {method: 'POST', headers: json, body},
    {method: 'POST', mode: 'no-cors', headers: json, body},
    {method: 'POST', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body},
    {method: 'DELETE'},
  ]) {
    told.push(await fetch(address, asked).then((answer) => answer.status, (error) => error.name));
  }
  return told;
}"""


@pytest.fixture
def park_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(small_park.build(tmp_path_factory.mktemp("park"), grouped=False)) as url:
        yield url


@pytest.fixture
def foreign_url() -> Iterator[str]:
    class Blank(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>foreign</title>")

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_the_apps_page_starts_watches_and_dismisses(chromium, park_url: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(park_url)
    assert page.evaluate(OWN) == [201, "successful", 2, 200, 0]
    context.close()


def test_a_page_of_another_port_starts_nothing(chromium, park_url: str, foreign_url: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(foreign_url)
    assert page.evaluate(FOREIGN, park_url) == ["TypeError"] * 4
    page.goto(park_url)
    assert page.evaluate("async () => (await (await fetch('/jobs')).json()).numberMatched") == 0
    context.close()
