"""A catalogue of planned cameras in the shape of GB/T 28181 (目录), as CSV or XML, no passwords.

What only a city's registration can give (DeviceID, CivilCode, ParentID, addresses of the network)
is left empty, to be filled. The field names and codes are those of the catalogue's items.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .files import format_of, whole_file
from .tables import neutral

FIELDS = (
    *("DeviceID", "Name", "Manufacturer", "Model", "Owner", "CivilCode", "Block", "Address"),
    *("Parental", "ParentID", "SafetyWay", "RegisterWay", "Secrecy", "IPAddress", "Port"),
    *("Status", "Longitude", "Latitude"),
)
INFO = ("PTZType", "RoomType", "DirectionType")
_OUTDOOR = "1"
_DIRECTIONS = ((90.0, 1), (270.0, 2), (180.0, 3), (0.0, 4), (135.0, 5), (45.0, 6), (225.0, 7),
               (315.0, 8))  # fmt: skip
_UNXML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def direction_type(heading_deg: float) -> int:
    """DirectionType of a heading clockwise from north: 1 looks from west to east, 4 to north."""
    return min(_DIRECTIONS, key=lambda one: abs((heading_deg - one[0] + 180.0) % 360.0 - 180.0))[1]


def catalogue_row(camera: Mapping[str, Any], lon: float, lat: float, form: int) -> dict[str, str]:
    """One planned camera as an item: `id`, `model`, `heading_deg`, `hfov_deg` of its properties.

    A camera that sees all round has no DirectionType.
    """
    told = dict.fromkeys((*FIELDS, *INFO), "")
    heading = camera["heading_deg"]
    aimed = heading is not None and camera["hfov_deg"] < 360.0
    return told | {
        "Name": str(camera["id"]),
        "Model": str(camera["model"]),
        "Parental": "0",
        "SafetyWay": "0",
        "RegisterWay": "1",
        "Secrecy": "0",
        "Status": "OFF",
        "Longitude": f"{lon:.7f}",
        "Latitude": f"{lat:.7f}",
        "PTZType": str(form),
        "RoomType": _OUTDOOR,
        "DirectionType": str(direction_type(heading)) if aimed else "",
    }


def write_catalogue(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write items as `.csv` (UTF-8 with BOM) or `.xml`.

    `UsageError` `format_unknown`, `folder_missing`, `file_unwritable`.
    """
    writer = {"csv": _csv, "xml": _xml}[format_of(path, ("csv", "xml"))]
    with whole_file(path) as part:
        writer(part, rows)


def _csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([*FIELDS, *(f"Info.{name}" for name in INFO)])
        table.writerows([neutral(row[name]) for name in (*FIELDS, *INFO)] for row in rows)


def _xml(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    root = ElementTree.Element("Response")
    for name, text in (("CmdType", "Catalog"), ("SN", ""), ("DeviceID", ""),
                       ("SumNum", str(len(rows)))):  # fmt: skip
        ElementTree.SubElement(root, name).text = text
    devices = ElementTree.SubElement(root, "DeviceList", Num=str(len(rows)))
    for row in rows:
        item = ElementTree.SubElement(devices, "Item")
        for name in FIELDS:
            ElementTree.SubElement(item, name).text = _UNXML.sub(
                "\N{REPLACEMENT CHARACTER}", row[name]
            )
        info = ElementTree.SubElement(item, "Info")
        for name in INFO:
            ElementTree.SubElement(info, name).text = row[name]
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
