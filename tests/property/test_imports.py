"""Any small table: one fate a row, again changes nothing, undo restores, order is no matter."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo_risk.errors import InputError
from geo_risk.services import demo, exports, review
from geo_risk.services.imports import ImportReport, import_file, undo
from geo_risk.store import Query, Store, open_store
from tests.unit.services.planted import Generator, Register, Row, credit_code

HEADER = (
    "企业编号", "企业名称", "统一社会信用代码", "详细地址", "所属镇街", "从业人数",
    "登记风险等级", "经度", "纬度",
)  # fmt: skip
FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
BATCH_FIELDS = ("version", "batch", "updated_at")

NAMES = st.sampled_from(
    [
        "沐笙示例厂",
        "岚砚示例商行",
        "澄黛示例有限公司",
        "霖绯示例一厂",
        "霖绯示例二厂",
        "",
        "/",
        "=1+1",
    ]
)
CREDIT = st.sampled_from(
    ["", "", credit_code(1), credit_code(2), "91359999MA0000011X", "无", "1E+17"]
)
ADDRESSES = st.sampled_from(
    [
        "石狮市灵秀镇塔前村和月街19号", "宝盖镇宝源社区凯浦街201号", "石狮市英林镇嘉排村1号", "",
        "灵秀镇", "东莞市虎门镇1号", "不详", "塔前村", "石狮市永宁镇塔前村和月街19号",
    ]
)  # fmt: skip
TOWNS = st.sampled_from(["", "灵秀镇", "350581100", "永宁镇", "英林镇", "/"])
PEOPLE = st.sampled_from(["", "12", "１２", "1,200", "-3", "很多", "12.5"])
GRADES = st.sampled_from(["", "红", "低风险", "Ⅲ级", "绿", "紫"])
POSITIONS = st.sampled_from(
    [
        ("", ""), ("118.6512345", "24.7312345"), ("118.6512345", "24.7312345"), ("118.70", "24.69"),
        ("24.73", "118.65"), ("0", "0"), ("118.65", ""), ("118.95", "24.60"), ("118.55", "24.95"),
        ("十", "二"), ("118°39′4″", "24°43′52″"), ("999", "999"), ("nan", "inf"),
    ]
)  # fmt: skip
CELLS = st.tuples(NAMES, CREDIT, ADDRESSES, TOWNS, PEOPLE, GRADES, POSITIONS)
CODES = st.sampled_from(["", "T1", "T2", "T3", "T4", "T5", "/"])


def _line(code: str, cells: tuple) -> list[str]:
    return [code, *cells[:-1], *cells[-1]]


TABLES = st.lists(st.builds(_line, CODES, CELLS), min_size=1, max_size=8)
CODED = st.lists(CELLS, min_size=1, max_size=8).map(
    lambda rows: [_line(f"T{i}", cells) for i, cells in enumerate(rows)]
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo city; every test takes back what it brought."""
    path = tmp_path_factory.mktemp("city") / "shishi.gpkg"
    demo.build(str(path), "shishi", plans=False)
    store = open_store(str(path))
    yield store
    store.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def _write(folder: Path, rows: Sequence[Sequence[str]]) -> Path:
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def _take(store: Store, path: Path, **options: object) -> ImportReport:
    """Import; a table whose columns are exchanged as a whole is refused and no matter here."""
    try:
        return import_file(store, path, "enterprises", "wgs84", accept_datum=True, **options)  # type: ignore[arg-type]
    except InputError as error:
        assume(error.code != "coordinates_swapped")
        raise


def _export(store: Store) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "layer.geojson"
        exports.export(store, "enterprises", path, omit=BATCH_FIELDS)
        return path.read_bytes()


def _open_entries(store: Store) -> list[dict]:
    return review.waiting(store)


def _features(store: Store) -> dict[str, dict]:
    left_out = {*BATCH_FIELDS, "source", "digest"}
    return {
        row["id"]: {k: v for k, v in row.items() if k not in left_out}
        for row in store.features(Query("enterprises"))
    }


@FEW
@given(rows=TABLES)
def test_every_row_has_one_fate(city: Store, folder: Path, rows: list[list[str]]) -> None:
    report = _take(city, _write(folder, rows), dry_run=True)
    rejected = [f.row for f in report.rejects]
    queued = {f.row for f in report.of("queued")}
    waiting = [item["record"]["row"] for item in report.review]
    assert report.rows == report.stored + report.rejected + report.unplaced
    assert len(set(rejected)) == report.rejected
    assert len(waiting) == len(set(waiting)) == report.unplaced
    assert queued == set(waiting)
    assert not queued & set(rejected)
    left_out = {f.row for f in report.of("noted") if f.code.endswith("_skipped")}
    assert report.rows == len(rows) - len(left_out)
    assert {f.row for f in report.findings} <= set(range(1, len(rows) + 2))


@FEW
@given(rows=TABLES)
def test_again_changes_nothing_and_undo_restores_all(
    city: Store, folder: Path, rows: list[list[str]]
) -> None:
    path, before, waited = _write(folder, rows), _export(city), _open_entries(city)
    known = _features(city)
    first = _take(city, path)
    brought = {key for key, row in _features(city).items() if known.get(key) != row}
    states, after, entries = city.layer_states(), _export(city), _open_entries(city)
    again = _take(city, path)
    assert first.batch and again.batch
    assert len(brought) == first.changed == first.stored
    assert again.changed == 0
    assert (again.stored, again.rejected, again.unplaced) == (
        first.stored,
        first.rejected,
        first.unplaced,
    )
    assert (city.layer_states(), _export(city), _open_entries(city)) == (states, after, entries)
    undo(city, again.batch)
    assert (_export(city), _open_entries(city)) == (after, entries)
    undo(city, first.batch)
    assert _export(city) == before
    assert _open_entries(city) == waited


@FEW
@given(rows=CODED)
def test_the_mended_workbook_brings_in_just_its_rows(
    city: Store, folder: Path, rows: list[list[str]]
) -> None:
    workbook = folder / "mend.xlsx"
    workbook.unlink(missing_ok=True)
    first = _take(city, _write(folder, rows), report_to=workbook)
    before = _features(city)
    asked = {f.row for f in first.of("rejected", "queued")}
    batches = [first.batch]
    if asked:
        _mend(workbook)
        second = _take(city, workbook)
        batches.append(second.batch)
        assert (second.rows, second.stored) == (len(asked), len(asked))
        changed = {key for key, row in _features(city).items() if before.get(key) != row}
        assert changed == {rows[row - 2][0] for row in asked}
    for batch in reversed(batches):
        undo(city, str(batch))


def _mend(path: Path) -> None:
    """Put sound cells into every row of the first sheet, each at a place of its own."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    for at in range(2, sheet.max_row + 1):
        sound: Mapping[str, object] = {
            "企业名称": f"示例{at}号厂", "统一社会信用代码": None, "详细地址": None,
            "所属镇街": None, "从业人数": 12, "登记风险等级": "蓝",
            "经度": 118.65 + at / 1000, "纬度": 24.73,
        }  # fmt: skip
        for header, value in sound.items():
            sheet.cell(at, column[header]).value = value
    book.save(path)


def _many(store: Store) -> list[Row]:
    """Sound rows, and rows that are at fault by themselves."""
    g = Generator(store, 7)
    rows = [g.sound() for _ in range(24)] + [g.company() for _ in range(8)]
    rows += [{**g.sound(), "详细地址": ""} for _ in range(6)]
    rows += [{**g.sound(), "企业名称": ""}, {**g.sound(), "纬度": ""}]
    rows += [{**g.company(), "详细地址": "石狮市英林镇嘉排村1号"}, {**g.sound(), "经度": 119.9}]
    turned = g.sound()
    return [*rows, {**turned, "经度": turned["纬度"], "纬度": turned["经度"]}]


@pytest.fixture(scope="module")
def in_order(city: Store, folder: Path) -> tuple[dict, set]:
    """What the rows of `_many` become in one file, in their own order."""
    found, said = _outcome(city, folder, [_many(city)])
    assert {outcome for _, _, _, outcome, _ in said} == {"rejected", "queued"}
    return found, said


@settings(FEW, max_examples=4)
@given(data=st.data())
def test_neither_order_nor_splitting_matters(
    city: Store, folder: Path, in_order: tuple[dict, set], data: st.DataObject
) -> None:
    rows = _many(city)
    order = data.draw(st.permutations(range(len(rows))))
    cut = data.draw(st.integers(5, len(rows) - 5))
    mixed = [rows[i] for i in order]
    found, said = in_order
    assert _outcome(city, folder, [mixed]) == (found, said)
    assert _outcome(city, folder, [mixed[:cut], mixed[cut:]]) == (found, said)


def _outcome(store: Store, folder: Path, parts: Sequence[list[Row]]) -> tuple[dict, set]:
    """What is stored, and every finding by its row's name and address; then all is taken back."""
    batches, said = [], set()
    for part in parts:
        path = Register(part, {}, {}).write_csv(folder / "part.csv")
        report = import_file(store, path, "enterprises", "gcj02")
        batches.append(str(report.batch))
        for f in report.findings:
            row = part[f.row - 2]
            said.add((row["企业名称"], row["联系电话"], f.code, f.outcome, f.message["zh"]))
    found = _features(store)
    for batch in reversed(batches):
        undo(store, batch)
    return found, said
