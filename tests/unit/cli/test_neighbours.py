"""`neighbours pairs` by its contract: every format in, both formats out, and what is refused."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely

from tests.unit.cli.conftest import Cli

HEAD = "id,lon,lat,行业,大类,grade,tags\n"
# One step of 0.0001 degrees of latitude is 11.1 m.
ROWS = [
    ("e10", 118.65, 24.7300, "C1711", "纺织", "红", "工艺:染整;物质:氨"),
    ("e9", 118.65, 24.7301, "1711 棉纺纱", "纺织", "orange", "工艺:染整;物质:氯"),
    ("e2", 118.65, 24.7302, "1712", "纺织", "蓝", "染整"),
    ("e1", 118.65, 24.7303, "C18", "服装", "重大", ""),
    ("=e3", 118.65, 24.7304, "", "", "", "工艺:染整;物质:氨"),
]


class PairsCli(Cli):
    def pairs(self, file, *arguments, out="out.csv", code=0):
        return self.json("neighbours", "pairs", file, *arguments, "-o", out, code=code)


@pytest.fixture
def cli(cli, capsys):
    Path("u.csv").write_text(HEAD + "".join(",".join(map(str, r)) + "\n" for r in ROWS), "utf-8")
    return PairsCli(capsys)


def read(path="out.csv"):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(path="out.csv"):
    return [(row["a"], row["b"]) for row in read(path)]


def test_pairs_are_counted_and_written_with_a_before_b_as_text(cli):
    told = cli.pairs("u.csv", "--radius", 12)
    assert (told["points"], told["pairs"]) == (5, 4)
    assert told["cpu_s"] > 0 and told["peak_mb"] > 10
    assert told["epsg"] == 32650
    rows = read()
    assert list(rows[0]) == ["a", "b", "distance_m", "industry_depth", "business", "score"]
    # The id that would be a formula is quoted; its order is that of the id itself.
    assert listed() == [("'=e3", "e1"), ("e1", "e2"), ("e10", "e9"), ("e2", "e9")]
    for row in rows:
        assert float(row["distance_m"]) == pytest.approx(11.08, abs=0.02)
        assert row["industry_depth"] == row["business"] == ""
        assert float(row["score"]) == pytest.approx(1 - float(row["distance_m"]) / 12)


def test_sector_and_grade_choose_and_what_they_leave_out_is_counted(cli):
    told = cli.pairs("u.csv", "--radius", 30, "--sector", "大类", "--grade-within", 1)
    assert listed() == [("e10", "e9")]
    assert told["without"] == {"sector": 1, "grade": 1}
    cli.pairs("u.csv", "--radius", 30, "--grade-within", 0)
    assert listed() == []
    cli.pairs("u.csv", "--radius", 40, "--grade-within", 0)
    assert listed() == [("e1", "e10")]


def test_industry_tags_and_score_of_each_pair(cli):
    told = cli.pairs("u.csv", "--radius", 60, "--industry", "行业", "--tags", "tags")
    assert told["without"] == {"industry": 1, "tags": 1}
    rows = {(row["a"], row["b"]): row for row in read()}
    assert len(rows) == 10
    assert rows["e10", "e9"]["industry_depth"] == "4"
    assert rows["e10", "e2"]["industry_depth"] == "3"
    assert rows["e1", "e10"]["industry_depth"] == "1"
    assert rows["'=e3", "e9"]["industry_depth"] == ""
    # Common: the process (3); all: process (3) and two substances (2 each).
    assert float(rows["e10", "e9"]["business"]) == pytest.approx(3 / 7)
    assert float(rows["'=e3", "e10"]["business"]) == 1
    assert rows["e1", "e10"]["business"] == ""
    near = 1 - float(rows["e10", "e9"]["distance_m"]) / 60
    assert float(rows["e10", "e9"]["score"]) == pytest.approx((near + 1 + 3 / 7) / 3)
    cli.pairs("u.csv", "--radius", 60, "--industry", "行业", "--tags", "tags", "--alike")
    assert ("e10", "e9") in listed() and ("e1", "e2") not in listed()


def frame(geometry=None):
    columns = ["id", "lon", "lat", "行业", "大类", "grade", "tags"]
    data = pd.DataFrame(ROWS, columns=columns)
    shapes = geometry or [shapely.Point(row[1], row[2]) for row in ROWS]
    return geopandas.GeoDataFrame(data.drop(columns=["lon", "lat"]), geometry=shapes, crs=4326)


def test_every_format_gives_the_same_pairs(cli):
    how = ("--radius", 25, "--sector", "大类", "--industry", "行业", "--tags", "tags")
    cli.pairs("u.csv", *how)
    expected = read()
    frame().to_file("u.geojson", driver="GeoJSON")
    frame().to_parquet("u.parquet")
    pd.DataFrame(ROWS, columns=HEAD.strip().split(",")).to_parquet("plain.parquet")
    table = pd.DataFrame(frame().drop(columns="geometry"))
    table.assign(wkt=frame().geometry.to_wkt()).to_csv("wkt.csv", index=False)
    for name in ("u.geojson", "u.parquet", "plain.parquet", "wkt.csv"):
        cli.pairs(name, *how)
        for row, wanted in zip(read(), expected, strict=True):
            numbers = ("distance_m", "score")
            assert all(row[k] == wanted[k] for k in row if k not in numbers), name
            for key in numbers:
                assert float(row[key]) == pytest.approx(float(wanted[key]), abs=1e-6)


def test_parquet_out_keeps_types_ids_and_gaps(cli):
    cli.pairs("u.csv", "--radius", 60, "--industry", "行业", out="out.parquet")
    told = pd.read_parquet("out.parquet")
    assert told["a"].tolist().count("=e3") == 4
    assert str(told["distance_m"].dtype) == "float64"
    assert told["industry_depth"].isna().sum() == 4
    assert told["business"].isna().all()


def test_outlines_are_measured_from_boundary_to_boundary(cli):
    step = 0.0001
    shapes = [
        shapely.box(118.65, 24.73 + k * step, 118.6505, 24.73 + (k + 0.5) * step) for k in range(4)
    ]
    frame([*shapes, shapely.Point(118.6502, 24.73 + 3.75 * step)]).to_parquet("o.parquet")
    cli.pairs("o.parquet", "--radius", 6)
    assert listed() == [("'=e3", "e1"), ("e1", "e2"), ("e10", "e9"), ("e2", "e9")]
    distances = [float(row["distance_m"]) for row in read()]
    assert distances == pytest.approx([2.77, 5.54, 5.54, 5.54], abs=0.01)


def test_a_file_of_no_units_gives_no_pairs(cli):
    Path("none.csv").write_text(HEAD, "utf-8")
    assert cli.pairs("none.csv", "--radius", 5)["points"] == 0
    assert read() == []


def test_the_radius_is_the_policys_unless_given(cli):
    assert cli.pairs("u.csv")["radius_m"] == 500
    assert cli.pairs("u.csv", "--policy", "joint_300_strict")["radius_m"] == 300
    text = cli.run("neighbours", "pairs", "u.csv", "--sector", "大类", "-o", "out.csv")
    assert "5 个单位，3 对，500 米以内" in text and "sector: 1" in text


@pytest.mark.parametrize(
    ("text", "arguments", "error", "code"),
    [
        ("id,lon,lat\na,118,24\na,118,24\n", (), "id_double", 1),
        ("id,lon,lat\na,118,24\n,118,24\n", (), "id_missing", 1),
        ("id,lon,lat\na,118,24\nb,,24\n", (), "position_missing", 1),
        ("id,lon,lat\na,118,24\nb,nan,24\n", (), "position_missing", 1),
        ("id,lon,lat\na,118,24\nb,inf,24\n", (), "position_missing", 1),
        ("id,lon,lat\na,24,118\n", (), "position_missing", 1),
        ("id,wkt\na,GEOMETRYCOLLECTION(GEOMETRYCOLLECTION EMPTY)\n", (), "position_missing", 1),
        ("id,lon,lat\na,118,24\nb,118,24\nc,-152,0\n", (), "position_far", 1),
        ("id,lat\na,24\n", (), "column_missing", 1),
        ("lon,lat\n118,24\n", (), "column_missing", 1),
        ("id,lon,lat\na,118,24\n", ("--sector", "x"), "column_unknown", 2),
        ("id,lon,lat\na,118,24\n", ("--grade-within", "1"), "column_unknown", 2),
        ("id,lon,lat,grade\na,118,24,紫\n", ("--grade-within", "1"), "grade_unknown", 1),
        ("id,lon,lat\na,118,24\n", ("--policy", "x"), "policy_unknown", 2),
        ("id,lon,lat\na,118,24\n", ("--alike",), "alike_without_column", 2),
        ("id,lon,lat\na,118,24\n", ("--radius", "0"), "radius_invalid", 2),
        ("id,lon,lat\na,118,24\n", ("--radius", "nan"), "radius_invalid", 2),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(cli, text, arguments, error, code):
    Path("bad.csv").write_text(text, "utf-8")
    told = cli.pairs("bad.csv", *(arguments or ("--radius", "5")), code=code)
    assert told["error"]["code"] == error
    assert told["error"]["fix"]
    assert sorted(path.name for path in Path().iterdir()) == ["bad.csv", "u.csv"]


def test_formats_that_cannot_be_are_refused(cli, monkeypatch):
    assert cli.pairs("u.csv", out="x.xlsx", code=2)["error"]["code"] == "format_unknown"
    assert cli.pairs("no.parquet", code=1)["error"]["code"] == "file_missing"
    Path("bad.parquet").write_bytes(b"PAR1" + b"\0" * 40 + b"PAR1")
    assert cli.pairs("bad.parquet", code=1)["error"]["code"] == "file_damaged"
    frame().to_crs(32650).to_parquet("m.parquet")
    assert cli.pairs("m.parquet", code=1)["error"]["code"] == "crs_refused"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("geo_risk.intake.parquet.find_spec", lambda name: None)
    for arguments in ({"file": "m.parquet"}, {"file": "u.csv", "out": "o.parquet"}):
        told = cli.pairs(**arguments, code=2)["error"]
        assert told["code"] == "pyarrow_missing" and "geo-risk[parquet]" in told["fix"]
