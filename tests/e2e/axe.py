"""What axe-core finds wrong with an open page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def axe_violations(page: Any) -> str:
    """The violations with the beginnings of their elements as JSON; skips without axe-core."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in web/")
    session = page.context.new_cdp_session(page)
    source = AXE.read_text("utf-8") + "; axe.run().then(r => JSON.stringify(r.violations.map("
    source += "v => [v.id, v.nodes.map(n => n.html.slice(0, 120))])))"
    asked = {"expression": source, "awaitPromise": True, "returnByValue": True}
    return session.send("Runtime.evaluate", asked)["result"].get("value")
