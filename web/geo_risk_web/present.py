"""Answers: plain dictionaries and responses from what the services return."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Request, Response, request, url_for

from geo_risk import __version__
from geo_risk.catalogue import FieldSpec, LayerSpec
from geo_risk.errors import Text
from geo_risk.services.groups import WHY_ALONE
from geo_risk.vocabulary import CASING, FLAGS, GRADES, MATCH_LEVELS, SEVERITY

from .i18n import HTML_LANG, language, messages
from .parse import ItemsQuery

GEOJSON = "application/geo+json"
VECTOR_TILE = "application/vnd.mapbox-vector-tile"
JSON = "application/json"
PROCESSES = "http://www.opengis.net/def/rel/ogc/1.0/processes"
JOB_LIST = "http://www.opengis.net/def/rel/ogc/1.0/job-list"
DOWNLOADS = {
    "csv": "text/csv",
    "geojson": GEOJSON,
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def wants_json(asked: Request) -> bool:
    """Whether a program asks, by its Accept header."""
    return asked.accept_mimetypes.best_match(["text/html", JSON], "text/html") == JSON


def is_browser(asked: Request) -> bool:
    """Whether a browser asks a data route: it names HTML in its Accept header, and no `f=json`."""
    best = asked.accept_mimetypes.best_match([JSON, "text/html"], JSON)
    return best != JSON and asked.args.get("f") != "json"


def _json(body: object, mimetype: str = JSON) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(text, mimetype=mimetype)


def link(rel: str, href: str, kind: str, title: str = "") -> dict[str, str]:
    """A link of a document."""
    told = {"rel": rel, "href": href, "type": kind}
    return told | {"title": title} if title else told


def landing() -> Response:
    """The links of the service, for programs that ask `/` for JSON."""
    links = [
        link("self", url_for("pages.map_page", f="json"), JSON),
        link("alternate", url_for("pages.map_page"), "text/html"),
        link("data", url_for("collections.index"), JSON),
        link(PROCESSES, url_for("processes.index"), JSON),
        link(JOB_LIST, url_for("jobs.index"), JSON),
    ]
    return _json({"title": "geo_risk", "version": __version__, "links": links})


def _field(field: FieldSpec) -> dict[str, Any]:
    lang = language()
    choices = {choice.code: choice.label[lang] for choice in field.choices}
    return {
        "name": field.name,
        "type": field.type,
        "label": field.label[lang],
        "unit": field.unit,
        "choices": choices,
    }


def _layer(spec: LayerSpec) -> dict[str, Any]:
    lang = language()
    return {
        "id": spec.id,
        "title": spec.title[lang],
        "note": spec.note[lang],
        "geometry": list(spec.geometry),
        "graded": spec.graded,
        "counted": spec.counted,
        "parent": spec.parent,
        "symbol": spec.symbol,
        "colour": spec.colour,
        "shown": spec.shown,
        "order": spec.order,
        "zoom": list(spec.zoom),
        "label_zoom": spec.label_zoom,
        "fields": [_field(field) for field in spec.fields],
    }


def collection(spec: LayerSpec) -> dict[str, Any]:
    """One layer as an OGC collection, with its fields."""
    items = url_for("collections.items", layer_id=spec.id)
    links = [
        link("self", url_for("collections.one", layer_id=spec.id), JSON),
        link("items", items, GEOJSON, spec.title[language()]),
    ]
    described = _layer(spec) | {"description": spec.note[language()], "itemType": "feature"}
    return described | {"crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"], "links": links}


def collections(specs: Iterable[LayerSpec]) -> dict[str, Any]:
    """All layers as OGC collections."""
    links = [link("self", url_for("collections.index"), JSON)]
    return {"links": links, "collections": [collection(spec) for spec in specs]}


def geojson(body: Mapping[str, Any]) -> Response:
    """A GeoJSON object with its media type."""
    return _json(body, GEOJSON)


def feature_page(page: Sequence[Mapping[str, Any]], matched: int, asked: ItemsQuery) -> Response:
    """A FeatureCollection with the numbers and the links that OGC API – Features asks for."""
    links = [link("self", request.full_path.rstrip("?"), GEOJSON)]
    following = asked.offset + len(page)
    if page and following < matched:
        query = request.args.to_dict() | {"limit": asked.limit, "offset": following}
        links.append(link("next", f"{request.path}?{urlencode(query)}", GEOJSON))
    body = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": len(page),
        "links": links,
        "features": list(page),
    }
    return geojson(body)


def group_page(
    page: Sequence[Mapping[str, Any]], matched: int, about: Mapping[str, Any] | None
) -> dict[str, Any]:
    """A page of groups in short, what is known of their build, and the links to files and more."""
    lang = language()
    told = {
        "why_alone": {why: words[lang] for why, words in WHY_ALONE.items()},
        "about": about,
        "groups": list(page),
    }
    return _paged(told, len(page), matched)


def plan_page(page: Sequence[Mapping[str, Any]], matched: int) -> dict[str, Any]:
    """A page of plans in short, and the links to more."""
    return _paged({"plans": list(page)}, len(page), matched)


def _paged(told: Mapping[str, Any], returned: int, matched: int) -> dict[str, Any]:
    """A page of what is told, with its numbers and links."""
    asked = request.args.to_dict()
    links = [link("self", request.full_path.rstrip("?"), JSON)]
    following = int(asked.get("offset", 0)) + returned
    if returned and following < matched:
        query = asked | {"offset": str(following)}
        links.append(link("next", f"{request.path}?{urlencode(query)}", JSON))
    return {"numberMatched": matched, "numberReturned": returned, **told, "links": links}


def download(body: bytes, name: str, suffix: str) -> Response:
    """A file to be kept, under a name that may be Chinese."""
    answer = Response(body, mimetype=DOWNLOADS[suffix])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{suffix}")
    return answer


def on_the_map(state: str) -> Response:
    """To the map page, opened where its address says; for browsers that ask a data route."""
    address = url_for("pages.map_page", lang=request.args.get("lang"))
    return Response(status=303, headers={"Location": f"{address}#{state}"})


def vector_tile(body: bytes) -> Response:
    """A vector tile; an empty one is 204, which map libraries take as “nothing here”."""
    return Response(body, mimetype=VECTOR_TILE) if body else Response(status=204)


def _grades() -> list[dict[str, Any]]:
    lang = language()
    return [
        {
            "id": grade.value,
            "colour": style.colour,
            "shape": style.shape,
            "letter": style.letter,
            "mark": style.mark,
            "label": style.label[lang],
            "level": style.level[lang],
            "severity": SEVERITY[grade],
        }
        for grade, style in GRADES.items()
    ]


def boot(
    specs: Iterable[LayerSpec],
    totals: Mapping[str, Mapping[str, int]],
    extent: Sequence[float] | None,
    notice: Text | None,
) -> dict[str, Any]:
    """What the map's scripts start from: words, grades, layers with totals, extent."""
    lang = language()
    return {
        "lang": lang,
        "htmlLang": HTML_LANG[lang],
        "messages": dict(messages(lang)),
        "grades": _grades(),
        "casing": CASING,
        "flags": {code: text[lang] for code, text in FLAGS.items()},
        "levels": {level.value: text[lang] for level, text in MATCH_LEVELS.items()},
        "layers": [_layer(spec) | {"total": _total(totals, spec.id)} for spec in specs],
        "extent": list(extent) if extent else None,
        "notice": notice[lang] if notice else None,
    }


def _total(totals: Mapping[str, Mapping[str, int]], layer_id: str) -> int:
    counted = totals.get(layer_id, {})
    return counted.get("total", sum(counted.values()))
