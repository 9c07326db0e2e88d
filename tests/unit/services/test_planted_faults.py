"""2,000 sound rows and 220 planted faults: each fault is found, no sound row is held back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo_risk.services.imports import ImportReport, import_file
from geo_risk.store import Query, Store
from tests.unit.services.conftest import Demo
from tests.unit.services.planted import Generator, Register, credit_code, full_width, register

SEED = 20_260_321


@dataclass(frozen=True)
class Taken:
    register: Register
    csv: ImportReport
    xlsx: ImportReport


@pytest.fixture(scope="module")
def taken(shishi: Demo, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """The register as CSV in GB18030 and as XLSX, each tried without storing it."""
    folder = tmp_path_factory.mktemp("planted")
    made = register(shishi.store, SEED)
    files = made.write_csv(folder / "register.csv"), made.write_xlsx(folder / "register.xlsx")
    csv, xlsx = (
        import_file(shishi.store, path, "enterprises", "gcj02", dry_run=True) for path in files
    )
    return Taken(made, csv, xlsx)


def test_the_register_is_what_the_acceptance_asks_for(taken: Taken) -> None:
    planted = Counter(fault.kind for fault in taken.register.planted.values())
    assert len(planted) == 11
    assert set(planted.values()) == {20}
    assert len(taken.register.kinds) == 2000


def test_every_planted_fault_is_found_in_its_row_with_its_code(taken: Taken) -> None:
    said = {(f.row, f.outcome, f.code) for f in taken.csv.findings}
    missed = [
        (row, fault.kind)
        for row, fault in taken.register.planted.items()
        if not any((row, fault.outcome, code) in said for code in fault.codes)
    ]
    assert missed == []
    zeros = {row for row, fault in taken.register.planted.items() if fault.kind == "zero"}
    assert {row for row, _, code in said if code == "coordinate_zero"} == zeros


def test_no_sound_row_is_rejected_or_held_back(taken: Taken) -> None:
    kinds = taken.register.kinds
    held = [
        (f.row, f.code, kinds[f.row]) for f in taken.csv.of("rejected", "queued") if f.row in kinds
    ]
    assert held == []
    assert (taken.csv.rows, taken.csv.stored) == (2220, 2000)
    assert (taken.csv.rejected, taken.csv.unplaced) == (120, 100)


def test_sound_rows_are_flagged_only_where_two_sites_share_a_credit_code(taken: Taken) -> None:
    kinds = taken.register.kinds
    flagged = Counter((f.code, kinds[f.row]) for f in taken.csv.of("flagged") if f.row in kinds)
    assert flagged == {("credit_code_repeated", "second_site"): 40}
    assert [f for f in taken.csv.of("noted") if f.row in kinds] == []


def test_the_same_register_as_xlsx_and_as_gb18030_gives_the_same_report(taken: Taken) -> None:
    assert taken.csv.reading.table.encoding == "gb18030"
    assert taken.xlsx.findings == taken.csv.findings
    csv, xlsx = taken.csv.as_json(), taken.xlsx.as_json()
    differ = {key for key in csv if csv[key] != xlsx[key]}
    assert differ <= {"encoding", "encoding_how", "sheet", "sheets"}


def _places(store: Store) -> list[tuple[object, ...]]:
    names = ("id", "geom", "name", "town", "village", "people", "credit_code", "flags", "level")
    return sorted(store.columns(Query("enterprises"), names), key=lambda row: str(row[0]))


def test_stored_it_is_2000_features_and_stored_again_nothing_changes(
    own_shishi: Store, taken: Taken, tmp_path: Path
) -> None:
    before = _places(own_shishi)
    path = taken.register.write_csv(tmp_path / "register.csv")
    report = import_file(own_shishi, path, "enterprises", "gcj02")
    assert len(_places(own_shishi)) == len(before) + 2000
    again = import_file(own_shishi, path, "enterprises", "gcj02")
    assert again.changed == 0
    assert [f for f in again.findings if f.outcome != "noted"] == [
        f for f in report.findings if f.outcome != "noted"
    ]


@pytest.mark.parametrize("mark", ["/", "无", "－", "n/a"])
def test_a_mark_for_nothing_is_no_code_and_no_name(
    own_shishi: Store, tmp_path: Path, mark: str
) -> None:
    generator = Generator(own_shishi, 1)
    rows = [{**generator.sound(), "企业编号": mark} for _ in range(4)]
    rows[3]["企业名称"] = mark
    path = Register(rows, {}, {}).write_csv(tmp_path / "rows.csv")
    report = import_file(own_shishi, path, "enterprises", "gcj02")
    assert report.stored == 3, "they are three companies without a code, not one"
    assert [(f.row, f.code) for f in report.rejects] == [(5, "required_missing")]


def test_a_hall_is_one_building_whether_or_not_a_tenant_writes_its_number(
    own_shishi: Store, tmp_path: Path
) -> None:
    generator = Generator(own_shishi, 2)
    door = generator.door()
    spot = generator.at({}, door.at)
    village = door.village.removesuffix("委会").removesuffix("居")
    number = f"{door.road}{door.number}号"
    halls = [f"{number}示例轻纺市场"] * 5 + ["示例轻纺市场"] * 2 + [f"{generator.door().road}9号"]
    rows = [
        {**generator.company(door), **spot, "详细地址": f"石狮市{door.town}{village}{hall}{n}号"}
        for n, hall in enumerate(halls, 1)
    ]
    path = Register(rows, {}, {}).write_csv(tmp_path / "rows.csv")
    report = import_file(own_shishi, path, "enterprises", "gcj02")
    assert [(f.row, f.code) for f in report.of("queued")] == [(9, "pile_up")]


def test_two_sites_with_one_credit_code_and_no_codes_are_told_how_to_come_in(
    own_shishi: Store, tmp_path: Path
) -> None:
    generator = Generator(own_shishi, 3)
    own = {"企业编号": "", "企业名称": "示例两地厂", "统一社会信用代码": credit_code(77)}
    rows = [{**generator.sound(), **own} for _ in range(2)]
    rows.append({**rows[0], "详细地址": full_width(rows[0]["详细地址"])})
    path = Register(rows, {}, {}).write_csv(tmp_path / "rows.csv")
    report = import_file(own_shishi, path, "enterprises", "gcj02")
    told = [(f.row, f.field, f.code) for f in report.rejects]
    assert told == [(3, "credit_code", "duplicate_row"), (4, "credit_code", "duplicate_row")]
    assert "企业编号" in report.rejects[0].fix["zh"], "another site needs a code of its own"
    assert report.rejects[1].message["zh"] == "与第 2 行重复", "a copy is called a copy"
    rows[1]["企业编号"] = "示例两地厂-2"
    Register(rows, {}, {}).write_csv(path)
    again = import_file(own_shishi, path, "enterprises", "gcj02")
    assert again.stored == 2
    assert {f.code for f in again.of("flagged")} == {"credit_code_repeated"}


def test_a_position_that_the_address_contradicts_is_stored_and_says_so(
    own_shishi: Store, tmp_path: Path
) -> None:
    generator = Generator(own_shishi, 4)
    addresses = ("晋江市英林镇嘉排村1号", "石狮市英林镇嘉排村1号", "广东省东莞市虎门镇2号", "")
    rows = [
        {**generator.sound(), "企业编号": f"T{n}", "详细地址": address}
        for n, address in enumerate(addresses)
    ]
    path = Register(rows, {}, {}).write_csv(tmp_path / "rows.csv")
    report = import_file(own_shishi, path, "enterprises", "gcj02")
    told = [(2, "other_county"), (3, "town_of_other_county"), (4, "other_province")]
    assert report.stored == 4
    assert [(f.row, f.code) for f in report.of("flagged")] == told
    flags = dict(own_shishi.columns(Query("enterprises"), ("id", "flags")))
    assert [flags[f"T{n}"] for n in range(4)] == [*(code for _, code in told), None]
