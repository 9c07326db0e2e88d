"""Both languages say everything; pages and scripts use only sentences that exist."""

import re
from pathlib import Path

import geo_risk_web
from geo_risk_web.i18n import LANGUAGES, messages

ROOT = Path(geo_risk_web.__file__).parent
SOURCES = [
    path
    for pattern in ("templates/*.html", "static/js/*.js", "*.py", "blueprints/*.py")
    for path in sorted(ROOT.glob(pattern))
]
USED = re.compile(r"""(?<![\w.])(?:t|translate)\(\s*(?:[^"'()]*\?\s*)?["']([a-z][a-z_.]*)["']""")


def _used() -> set[str]:
    return {key for path in SOURCES for key in USED.findall(path.read_text("utf-8"))}


def test_both_languages_have_the_same_sentences_and_gaps() -> None:
    zh, en = (messages(lang) for lang in LANGUAGES)
    assert zh.keys() == en.keys()
    for key in zh:
        gaps = [set(re.findall(r"\{\w+\}", text[key])) for text in (zh, en)]
        assert gaps[0] == gaps[1], key
        assert zh[key].strip() and en[key].strip()


def test_pages_and_scripts_use_only_known_sentences() -> None:
    used = _used()
    assert len(used) > 30
    assert used <= messages("zh").keys()


def test_every_sentence_is_used() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in SOURCES)
    indirect = {key for key in messages("zh") if key.startswith("error.http_")}
    unused = {
        key for key in messages("zh") if f'"{key}"' not in sources and f"'{key}'" not in sources
    }
    assert unused <= indirect


def test_text_reaches_the_page_as_text_only() -> None:
    for path in (ROOT / "static/js").glob("*.js"):
        source = path.read_text("utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source
        )
    for path in (ROOT / "templates").glob("*.html"):
        source = path.read_text("utf-8")
        assert "|safe" not in source.replace(" ", "")
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", source)
