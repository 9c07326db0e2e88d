"""The bad rows planted in the registers, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .city import generator
from .enterprises import enterprises
from .writing import Row

SEA = (118.862341, 24.701256)
"""A place in the Taiwan Strait, GCJ-02."""
SPOILT = ("鸿舟", "鸿渡", "鸿桥", "鸿亭", "鸿楼", "鸿阁", "鸿轩", "鸿斋", "鸿堂", "鸿苑")
"""Stems that only the planted rows use."""


@dataclass(frozen=True)
class Planted:
    """A planted row: its kind, what a sound import does with it, and the row."""

    kind: str
    expect: str
    row: Row


def _full_width(text: object) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in str(text))


def _located(rows: Sequence[Row], start: int) -> Row:
    """A sound row with its own coordinates, to spoil a copy of."""
    row = next(row for row in rows[start:] if row["经度"] != "")
    if "边界坐标" in row:
        row["边界坐标"] = ""  # the fault is in the point alone
    return row


def _copy(row: Row, code_field: str, code: str, **changes: object) -> Row:
    return {**row, code_field: code, **changes}


def usual(rows: Sequence[Row], code: str, name: str, prefix: str) -> list[Planted]:
    """The faults every register has; `code` and `name` are its header words."""
    a, b, c, d, e = (_located(rows, start) for start in (20, 27, 34, 41, 48))

    def new(number: int) -> str:
        return f"{prefix}9{number:03d}"

    return [
        Planted(
            "swapped_lon_lat",
            "unplaced",
            _copy(a, code, new(1), **{"经度": a["纬度"], "纬度": a["经度"]}),
        ),
        Planted("missing_name", "rejected", _copy(b, code, new(2), **{name: ""})),
        Planted(
            "point_in_sea", "rejected", _copy(c, code, new(3), **{"经度": SEA[0], "纬度": SEA[1]})
        ),
        Planted("duplicate", "rejected", dict(d)),
        Planted(
            "full_width_digits",
            "stored",
            _copy(
                e, code, new(4), **{"经度": _full_width(e["经度"]), "纬度": _full_width(e["纬度"])}
            ),
        ),
    ]


def enterprise_faults(rows: Sequence[Row]) -> list[Planted]:
    """Faults of enterprises.xlsx."""
    found = usual(rows, "企业编号", "企业名称", "QY")
    found = [_own_names(one, number) for number, one in enumerate(found)]
    base = _own(_located(rows, 60), 21)
    nowhere = {"经度": "", "纬度": "", "所属镇街": "", "所属村": ""}
    people = _full_width(base["从业人数"])
    return [
        *found,
        Planted(
            "full_width_digits", "stored", _copy(base, "企业编号", "QY9005", **{"从业人数": people})
        ),
        Planted(
            "other_county",
            "unplaced",
            _copy(
                _own(base, 22),
                "企业编号",
                "QY9006",
                **nowhere,
                **{"详细地址": "晋江市英林镇嘉排村示例路18号"},
            ),
        ),
        Planted(
            "town_of_other_county",
            "unplaced",
            _copy(
                _own(base, 23),
                "企业编号",
                "QY9007",
                **nowhere,
                **{"详细地址": "石狮市英林镇嘉排村示例路20号"},
            ),
        ),
        Planted(
            "no_place",
            "unplaced",
            _copy(_own(base, 24), "企业编号", "QY9008", **nowhere, **{"详细地址": ""}),
        ),
        Planted(
            "credit_code_wrong",
            "rejected",
            _copy(
                base,
                "企业编号",
                "QY9009",
                **{"统一社会信用代码": "91350581DEMO00000X", "企业名称": "错码示例服饰有限公司"},
            ),
        ),
    ]


def _own(row: Row, number: int) -> Row:
    """A copy with a credit code and a name of its own."""
    return {
        **row,
        "统一社会信用代码": f"DEMO{row['行业代码']}{90000 + number:010d}",
        "企业名称": f"{SPOILT[number % 10]}{'甲乙丙'[number // 10]}示例服饰有限公司",
    }


def _own_names(one: Planted, number: int) -> Planted:
    if one.kind == "duplicate":
        return one
    own = _own(one.row, number + 1)
    if one.kind == "missing_name":
        own["企业名称"] = ""
    return Planted(one.kind, one.expect, own)


def risk_faults(rows: Sequence[Row]) -> list[Planted]:
    """Faults of risk_points.csv."""
    base = _located(rows, 70)
    return [
        *usual(rows, "风险点编号", "风险点名称", "FX"),
        Planted(
            "score_not_in_scale", "no_data", _copy(base, "风险点编号", "FX9005", **{"L值": "4"})
        ),
        Planted(
            "full_width_digits",
            "stored",
            _copy(base, "风险点编号", "FX9006", **{"C值": _full_width(base["C值"])}),
        ),
        Planted("score_missing", "no_data", _copy(base, "风险点编号", "FX9007", **{"E值": ""})),
    ]


def hazard_faults(rows: Sequence[Row]) -> list[Planted]:
    """Faults of hazard_sources.xlsx."""
    a, b = _located(rows, 3), _located(rows, 9)
    return [
        Planted(
            "swapped_lon_lat",
            "unplaced",
            _copy(a, "重大危险源编号", "WX901", **{"经度": a["纬度"], "纬度": a["经度"]}),
        ),
        Planted(
            "missing_name",
            "rejected",
            _copy(b, "重大危险源编号", "WX902", **{"重大危险源名称": ""}),
        ),
        Planted(
            "full_width_digits",
            "stored",
            _copy(b, "重大危险源编号", "WX903", **{"物质及数量": "氨：３．５", "暴露人数": "４０"}),
        ),
    ]


def danger_faults(rows: Sequence[Row]) -> list[Planted]:
    """Faults of hidden_dangers.csv."""
    a, b, c = rows[15], rows[40], rows[77]
    return [
        Planted("missing_name", "rejected", _copy(a, "隐患编号", "YH9001", **{"隐患描述": ""})),
        Planted(
            "date_impossible",
            "rejected",
            _copy(b, "隐患编号", "YH9002", **{"发现日期": "2026-02-30"}),
        ),
        Planted("duplicate", "rejected", dict(c)),
    ]


def mixed(
    rows: Sequence[Row],
    faults: Sequence[Planted],
    file: str,
    *,
    layer: str,
    first_row: int,
    code: str,
) -> tuple[list[Row], list[dict[str, object]]]:
    """The rows with the faults strewn in, and where each one landed as a user counts rows.

    A duplicate comes after the row it repeats.
    """
    slots = sorted(
        generator(f"faults {file}")
        .choice(range(len(rows) // 2, len(rows)), size=len(faults), replace=False)
        .tolist()
    )
    planted_before = dict(zip(slots, faults, strict=True))
    found: list[Row] = []
    listed: list[dict[str, object]] = []
    for index, row in enumerate(rows):
        if index in planted_before:
            one = planted_before[index]
            entry = {
                "file": file,
                "layer": layer,
                "row": first_row + len(found),
                "kind": one.kind,
                "code": one.row[code],
                "expect": one.expect,
            }
            listed.append(entry)
            found.append(one.row)
        found.append(row)
    if layer in ("enterprises", "hazard_sources"):
        listed += _natural(found, file, layer, first_row, code)
    return found, listed


def _natural(
    rows: Sequence[Row], file: str, layer: str, first_row: int, code: str
) -> list[dict[str, object]]:
    """Rows of the register itself that cannot be placed, or cannot be graded."""
    towns_only = {e.code for e in enterprises() if e.given == "town"}
    found = []
    for index, row in enumerate(rows):
        kind = ""
        if layer == "enterprises" and row[code] in towns_only:
            kind, expect = "address_town_only", "unplaced"
        elif layer == "hazard_sources" and "工业废盐" in str(row["物质及数量"]):
            kind, expect = "unknown_substance", "no_data"
        if kind:
            found.append(
                {
                    "file": file,
                    "layer": layer,
                    "row": first_row + index,
                    "kind": kind,
                    "code": row[code],
                    "expect": expect,
                }
            )
    return found
