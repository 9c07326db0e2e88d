"""Whatever the grid: every row is kept or named, every column has one fate, and mapping repeats."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_risk.catalogue import layer
from geo_risk.errors import InputError
from geo_risk.intake import map_columns
from geo_risk.intake.header import shape

WORDS = st.sampled_from(
    [
        *(
            "企业名称",
            "地址",
            "经度",
            "纬度",
            "名称",
            "坐标",
            "负责人",
            "电话",
            "合计",
            "注：无",
            "—",
            "人",
        ),
        *(
            "（1）",
            "（2）",
            "1",
            "2",
            "118.7",
            "台账",
            "示例",
            "※行号",
            "百度坐标",
            "名称/Name",
            "",
            " ",
        ),
    ]
)
CELL = st.one_of(WORDS, st.none(), st.integers(0, 9), st.text(max_size=6))
GRID = st.lists(st.lists(CELL, max_size=6), max_size=14)
QUICK = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def filled(row):
    return any(cell is not None and str(cell).strip() for cell in row)


@QUICK
@given(rows=GRID, kind=st.sampled_from(["csv", "xlsx"]))
def test_every_row_with_content_is_kept_or_named(rows, kind):
    numbers = list(range(1, len(rows) + 1))
    try:
        table = shape({"rows": [list(r) for r in rows], "numbers": numbers}, kind, "")
    except InputError as error:
        assert error.code in ("file_empty", "header_missing", "table_transposed")
        return
    header = range(table.header_row - table.header_rows + 1, table.header_row + 1)
    told = [*header, *table.row_numbers, *(number for number, _ in table.skipped)]
    assert sorted(told) == [n for n, row in zip(numbers, rows, strict=True) if filled(row)]
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert len(set(table.columns)) == len(table.columns)
    for number, row in zip(table.row_numbers, table.rows, strict=True):
        given_cells = [cell for cell in rows[number - 1] if cell is not None and str(cell).strip()]
        assert [cell for cell in row if cell is not None and str(cell).strip()] == given_cells


@QUICK
@given(columns=st.lists(st.one_of(WORDS, st.text(max_size=12)), max_size=10, unique=True))
def test_every_column_has_one_fate(columns):
    spec = layer("enterprises")
    mapping = map_columns(columns, spec)
    assert mapping == map_columns(columns, spec)
    places = (mapping.x, mapping.y, mapping.lonlat, mapping.outline)
    used = [*mapping.fields.values(), *(at for at in places if at is not None)]
    assert len(used) == len(set(used)) == len(mapping.confidence)
    assert len(used) + len(mapping.unmapped) + len(mapping.ignored) == len(columns)
    assert (mapping.x is None) == (mapping.y is None)
    assert all(0.8 <= value <= 1 for value in mapping.confidence.values())
    assert all(0.6 <= value <= 1 for _, value in mapping.suggested.values())
