"""The one-file map: one HTML page that opens from a USB stick and asks nobody for anything.

The only module that uses folium. branca renders every element through Jinja2 twice, so a name
like `{{ … }}` would run as code: folium therefore builds an empty shell from constants alone, and
styles, scripts and the one escaped literal with all user text are put in after it has rendered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from ..errors import StoreError, Text
from .one_file_data import Lang, MapLayer, layer_data, literal, unit_names
from .palette import css, palette

__all__ = ["MapLayer", "one_file_map"]

_HERE = Path(__file__).with_name("one_file")
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')


def one_file_map(
    layers: Sequence[MapLayer],
    *,
    title: Text,
    notice: Text,
    lang: Lang,
    vendor: Path,
    access: Collection[str] = ("public", "internal"),
) -> str:
    """A whole HTML page with the map of some layers, in their order (bottom first).

    Parameters
    ----------
    title, notice : the heading, and the line at the foot (origin, “synthetic data”).
    lang : the language of the page.
    vendor : the folder with `leaflet.js` and `leaflet.css`.
    access : which fields go into the file. Contacts (`restricted`) stay out by default, and where
        a layer's positions are restricted the file holds them to about 1 km only.
    """
    layers = [MapLayer(layer.spec, list(layer.rows), layer.outlines) for layer in layers]
    areas = [layer for layer in layers if "area" in layer.spec.geometry]
    units = unit_names(row for layer in areas for row in layer.rows)
    payload = {
        "lang": lang,
        "title": title[lang],
        "notice": notice[lang],
        "palette": palette(),
        "layers": [layer_data(layer, lang, access, units) for layer in layers],
    }
    head, body, script = _shell()
    html_lang = "zh-CN" if lang == "zh" else "en"
    return "".join(
        (
            head.replace("<html>", f'<html lang="{html_lang}">', 1),
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            "<title>geo_risk</title>\n",
            f"<style>{_leaflet_css(vendor)}\n{css()}{_own('page.css')}</style>\n",
            f"<script>{_leaflet_js(vendor)}</script>\n",
            body,
            f'<script type="application/json" id="data">{literal(payload)}</script>\n',
            script,
            f"<script>{_own('drawing.js')}\n{_own('page.js')}</script>\n</html>\n",
        )
    )


def _shell() -> tuple[str, str, str]:
    """folium's page of constants, cut before `</head>`, before `</body>` and before `</html>`."""
    import folium

    shell = folium.Map(
        tiles=None, prefer_canvas=True, zoom_control=False, min_zoom=3, max_zoom=19, zoom_snap=0.5
    )
    shell.default_js, shell.default_css = [], []
    # A fixed name: the same data give the same file.
    shell._id = "geo_risk"
    page = _VIEWPORT.sub(
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        shell.get_root().render(),
    )
    head, rest = page.split("</head>", 1)
    body, rest = rest.split("</body>", 1)
    script, _ = rest.rsplit("</html>", 1)
    return head, "</head>" + body, script.replace("</script>", "</script>\n</body>", 1)


def _leaflet_css(vendor: Path) -> str:
    """Leaflet's styles without its images, which would be requests."""
    return re.sub(r"[^{};]*url\([^)]*\)[^;}]*;?", "", _vendored(vendor, "leaflet.css"))


def _leaflet_js(vendor: Path) -> str:
    script = re.sub(r"//# sourceMappingURL=\S*", "", _vendored(vendor, "leaflet.js"))
    return re.sub(r"</(?=script)", r"<\\/", script, flags=re.IGNORECASE)


def _own(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _vendored(vendor: Path, name: str) -> str:
    path = vendor / name
    if not path.is_file():
        raise StoreError(
            "leaflet_missing",
            Text("缺少 Leaflet 文件", "Leaflet's files are missing"),
            where=str(path),
            fix=Text(
                "请重新安装 geo-risk，或在 web/ 下执行 npm ci", "Reinstall, or npm ci in web/"
            ),
        )
    return path.read_text("utf-8")
