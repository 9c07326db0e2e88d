"""OpenStreetMap extracts: roads with their nodes, and what lies costs one clear sentence."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import osmium
import pytest

from geo_risk.errors import InputError
from geo_risk.intake import read_table
from geo_risk.intake.osm_parser import COLUMNS
from tests.fuzz import seeds
from tests.shared_data import shared_data

NODES = {1: (118.60, 24.70), 2: (118.61, 24.70), 2**40: (118.62, 24.70)}
WAYS = {
    7: ([1, 2, 2**40], {"highway": "primary", "name": "金相路", "oneway": "-1", "maxspeed": "60"}),
    8: ([1, 2], {"building": "yes"}),
    9: ([1, 2, 5, 2**40, 1], {"highway": "service", "junction": "roundabout"}),
}


def extract(path: Path, compression: str = "zlib") -> Path:
    file = osmium.io.File(str(path), f"pbf,pbf_compression={compression},add_metadata=false")
    with osmium.SimpleWriter(file, overwrite=True) as out:
        for number, at in NODES.items():
            out.add_node(osmium.osm.mutable.Node(id=number, location=at))
        for number, (refs, tags) in WAYS.items():
            out.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    return path


def test_ways_that_are_roads_come_with_tags_nodes_and_lines(tmp_path: Path) -> None:
    table = read_table(extract(tmp_path / "city.osm.pbf"), osm=True)
    assert tuple(table.columns) == COLUMNS
    assert table.rows[0] == [7, "primary", "金相路", "-1", None, "60", f"1 2 {2**40}"]
    assert [row[-1] for row in table.rows] == [f"1 2 {2**40}", "1 2", f"{2**40} 1"]
    assert table.row_numbers == [1, 2, 2] and table.kind == "osm"
    ((code, note),) = table.notes
    assert code == "osm_nodes_missing" and "1 个节点" in note["zh"]
    assert table.geometry is not None and struct.unpack("<d", table.geometry[0][9:17])[0] == 118.6


def test_the_seed_of_the_fuzzer_is_a_road(tmp_path: Path) -> None:
    path = tmp_path / "seed.osm.pbf"
    path.write_bytes(seeds.osm_with(seeds.osm_block()))
    table = read_table(path, osm=True)
    assert table.rows == [[7, "primary", "金相路", None, None, None, "1 2 3"]]


def test_an_extract_cut_from_a_greater_one_is_read_whole() -> None:
    table = read_table(shared_data("helsinki_osm/rural_finland_test.osm.pbf"), osm=True)
    assert len(table.rows) == 331 and {row[1] for row in table.rows} >= {"motorway", "footway"}
    assert "471" in table.notes[0][1]["en"]


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("a.osm.pbf", lambda data: data[:-40], "file_damaged"),
        ("a.osm.pbf", lambda data: data.replace(b"OSMData", b"OSMDato"), "file_damaged"),
        ("a.osm.pbf", lambda data: b"<osm></osm>", "file_kind"),
        ("a.osm.pbf", lambda data: b"", "file_empty"),
        ("a.geojson", lambda data: data, "file_kind"),
        ("a.osm.pbf", lambda data: data[:4] + b"\n\tOSMHeader" + b"\xff" * 5000, "file_damaged"),
    ],
)
def test_what_is_no_extract_is_refused(tmp_path: Path, name: str, change, code) -> None:
    data = extract(tmp_path / "good.osm.pbf").read_bytes()
    path = tmp_path / name
    path.write_bytes(change(data))
    with pytest.raises(InputError) as caught:
        read_table(path, osm=True)
    assert caught.value.code == code and caught.value.fix["zh"]


def test_changed_bytes_never_do_more_than_be_refused(tmp_path: Path) -> None:
    block = seeds.osm_block()
    path = tmp_path / "bad.osm.pbf"
    for at in range(0, len(block), 20):
        path.write_bytes(seeds.osm_with(block[:at] + bytes([block[at] ^ 0x15]) + block[at + 1 :]))
        try:
            read_table(path, osm=True)
        except InputError as error:
            assert error.code == "file_damaged"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"primary", b"prim\0ry"), (b"highway", b"high\0ay"), (b"name", b"\0ame")],
)
def test_a_text_with_a_nul_is_refused_before_libosmium_reads_past_it(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    path = tmp_path / "nul.osm.pbf"
    path.write_bytes(seeds.osm_with(seeds.osm_block().replace(old, new)))
    with pytest.raises(InputError) as caught:
        read_table(path, osm=True)
    assert caught.value.code == "file_damaged"


def test_empty_texts_are_none_the_less_read(tmp_path: Path) -> None:
    path = tmp_path / "empty.osm.pbf"
    block = seeds.osm_block().replace(b"\x0a\x04name", b"\x0a\x00\x0a\x02nm")
    path.write_bytes(seeds.osm_with(block))
    assert read_table(path, osm=True).rows[0][:2] == [7, "primary"]


def test_a_block_that_swells_beyond_its_size_is_refused(tmp_path: Path) -> None:
    swollen = zlib.compress(bytes(64 << 20), 9)
    blob = b"\x10\x7f\x1a" + seeds.varint(len(swollen)) + swollen
    path = tmp_path / "bomb.osm.pbf"
    path.write_bytes(seeds.osm_with(b"") + seeds.osm_blob(b"OSMData", blob))
    with pytest.raises(InputError) as caught:
        read_table(path, osm=True)
    assert caught.value.code == "file_damaged"


def test_too_many_roads_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_RISK_IMPORT_MAX_ROWS", "1")
    with pytest.raises(InputError) as caught:
        read_table(extract(tmp_path / "city.osm.pbf"), osm=True)
    assert caught.value.code == "file_too_big"
