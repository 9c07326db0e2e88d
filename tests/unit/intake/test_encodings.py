"""The encoding of a text file is found, told, and can be declared."""

from __future__ import annotations

import pytest

from geo_risk.errors import InputError, UsageError
from geo_risk.intake import read_table
from geo_risk.intake.text_encoding import decode_text

HEADER = "企业编号,企业名称,地址,从业人数,经度,纬度"
ROWS = [
    "001,示例染整有限公司,福建省石狮市鸿山镇伍堡村1号,12,118.6478,24.7318",
    "002,兴隆化工厂,泉州市湖滨街道,3,118.6,24.7",
    "003,永宁食品加工厂,石狮市永宁镇,5,118.7,24.6",
]
FOUR_BYTES = "004,示例㐀𠀀有限公司,石狮市,5,118.7,24.6"
TRADITIONAL = [
    "企業編號,企業名稱,地址,從業人數,經度,緯度",
    "001,示例染整有限公司,福建省石獅市鴻山鎮伍堡村1號,12,118.6478,24.7318",
    "002,興隆化工廠,泉州市湖濱街道,3,118.6,24.7",
]
FOUND = {
    "utf-8": ("utf-8", "strict"),
    "utf-8-sig": ("utf-8-sig", "bom"),
    "gbk": ("gb18030", "gb18030"),
    "gb18030": ("gb18030", "gb18030"),
    "utf-16": ("utf-16", "bom"),
    "utf-16-be-bom": ("utf-16", "bom"),
    "utf-16-le": ("utf-16-le", "detected"),
    "utf-16-be": ("utf-16-be", "detected"),
    "big5": ("big5", "detected"),
}


def encoded(text: str, encoding: str) -> bytes:
    if encoding == "utf-16-be-bom":
        return ("\ufeff" + text).encode("utf-16-be")
    return text.encode(encoding)


@pytest.mark.parametrize("encoding", FOUND)
@pytest.mark.parametrize("count", [1, 3, 50])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_every_encoding_at_every_length(encoding, count, newline, last):
    header, *rows = TRADITIONAL if encoding == "big5" else [HEADER, *ROWS]
    if encoding not in ("gbk", "big5"):
        rows.insert(0, FOUR_BYTES)
    lines = [header, *(rows[i % len(rows)] for i in range(count))]
    text = newline.join(lines) + (newline if last else "")
    found, name, how = decode_text(encoded(text, encoding))
    assert found.removeprefix("\ufeff") == text
    assert (name, how) == FOUND[encoding]


def test_traditional_characters_in_gbk_stay_gb18030():
    text = "\n".join(TRADITIONAL)
    assert decode_text(text.encode("gbk")) == (text, "gb18030", "gb18030")


@pytest.mark.parametrize("header_is_utf8", [True, False])
def test_mixed_encodings_name_the_line(tmp_path, header_is_utf8):
    codes = ("utf-8", "gbk") if header_is_utf8 else ("gbk", "utf-8")
    data = b"\n".join([HEADER.encode(codes[0]), *[ROWS[0].encode(codes[1])] * 3])
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.csv")
    assert caught.value.code == "encoding_unknown"
    assert caught.value.where.endswith("line 1")


def test_a_lone_surrogate_in_utf8_is_named(tmp_path):
    data = "\n".join([HEADER, *ROWS]).encode() + b"\n004,\xed\xa0\x80,,,,"
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.csv")
    assert "line 5" in caught.value.where


def test_a_declared_encoding_wins_and_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes("\n".join(TRADITIONAL).encode("big5"))
    table = read_table(tmp_path / "a.csv", encoding="Big5")
    assert (table.encoding, table.encoding_how) == ("big5", "declared")
    assert table.rows[0][2] == "福建省石獅市鴻山鎮伍堡村1號"
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.csv", encoding="utf-8")
    assert "line 1" in caught.value.where
    with pytest.raises(UsageError) as usage:
        read_table(tmp_path / "a.csv", encoding="rot13")
    assert "gb18030" in usage.value.fix["en"]


def test_the_encoding_found_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes("\n".join([HEADER, *ROWS]).encode("gbk"))
    table = read_table(tmp_path / "a.csv")
    assert (table.encoding, table.encoding_how) == ("gb18030", "gb18030")


def test_japanese_is_found_only_where_it_is_no_chinese():
    text, name, how = decode_text("名前,住所\nｱｲｳｴｵカナ,東京都\n".encode("cp932"), "shift_jis")
    assert (name, how) == ("shift_jis", "declared")
    assert text.startswith("名前")
