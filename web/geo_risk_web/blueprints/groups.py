"""Joint prevention: the list of groups, one group, its duty sheet, and a unit's links."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from geo_risk.services import group_files, group_lists, groups, unit_links

from .. import parse, present
from ..i18n import language, translate
from ..opened import store

bp = Blueprint("groups", __name__)


def _written(suffix: str, write: Callable[[Path], Any]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="geo_risk-") as folder:
        path = Path(folder) / f"download.{suffix}"
        write(path)
        return path.read_bytes()


@bp.get("/groups")
def index() -> Response | dict[str, Any]:
    """The groups in short, the worst first; browsers get their list beside the map."""
    asked = parse.parameters(kind="", major=False, limit=100, offset=0)
    if present.is_browser(request):
        return present.on_the_map(f"groups={asked['kind'] or 'all'}")
    found = groups.listed(store(), kind=asked["kind"], major_only=asked["major"])
    page = found[asked["offset"] : asked["offset"] + asked["limit"]]
    return present.group_page(page, len(found), groups.about_groups(store()))


@bp.get("/groups.<suffix>")
def index_file(suffix: str) -> Response:
    """The list of groups as a workbook, CSV or GeoJSON."""
    asked = parse.parameters(kind="", major=False)
    kind = parse.file_format(suffix, group_lists.FORMATS)
    body = _written(
        kind,
        lambda path: group_lists.write_list(
            store(), path, language(), kind=asked["kind"], major_only=asked["major"]
        ),
    )
    return present.download(body, translate("groups"), kind)


@bp.get("/groups/<group_id>")
def one(group_id: str) -> Response | dict[str, Any]:
    """All of a group; browsers get it on the map."""
    parse.parameters()
    found = groups.shown(store(), parse.group_id(group_id))
    if present.is_browser(request):
        return present.on_the_map(f"group={found['id']}")
    return found


@bp.get("/groups/<group_id>/contacts.<suffix>")
def contacts(group_id: str, suffix: str) -> Response:
    """The joint duty sheet of a group."""
    parse.parameters()
    kind, key = parse.file_format(suffix, group_files.FORMATS), parse.group_id(group_id)
    body = _written(kind, lambda path: group_files.write_contacts(store(), key, path, language()))
    return present.download(body, f"{translate('group.contacts')} {key}", kind)


@bp.get("/collections/enterprises/items/<feature_id>/links")
def links(feature_id: str) -> dict[str, Any]:
    """A unit's ring, its links with reasons, and its groups."""
    parse.parameters()
    return unit_links.links_around(store(), parse.feature_id(feature_id))
