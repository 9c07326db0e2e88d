"""Bytes to text: what is declared, BOM, strict UTF-8, GB18030, Big5 where clearly better."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from geo_risk.errors import InputError, Text, UsageError

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
DECODERS = {
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "latin-1": "cp1252",
}
_SPELLINGS = {"utf8": "utf-8", "cp936": "gbk", "cp950": "big5", "utf16": "utf-16"}
_GUESSES = ["big5hkscs", "cp950", "cp932", "cp949", "euc_jp"]
_SAMPLE_BYTES = 1 << 16
_CLEARLY_COMMON, _CLEARLY_RARE = 0.85, 0.7


def encoding_name(wanted: str) -> str:
    """The name of an encoding that may be declared; `UsageError` lists them otherwise."""
    plain = wanted.strip().casefold().replace("_", "-")
    plain = {"shift-jis": "shift_jis", **_SPELLINGS}.get(plain, plain)
    if plain in DECODERS:
        return plain
    listed = ", ".join(DECODERS)
    raise UsageError(
        "encoding_unknown",
        Text("不认识的编码", "This encoding is not known here"),
        where="--encoding",
        got=wanted,
        fix=Text(f"可选：{listed}", f"One of: {listed}"),
    )


def _unreadable(zh: str, en: str, where: str = "") -> InputError:
    return InputError(
        "encoding_unknown",
        Text(zh, en),
        where=where,
        fix=Text(
            "请另存为“CSV UTF-8”后再导入，或用 --encoding 指明编码",
            "Save it as “CSV UTF-8” and import again, or name the encoding with --encoding",
        ),
    )


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _holds_chinese(line: bytes) -> bool:
    text = _decoded(line, "utf-8")
    return text is not None and any(character >= "\u0800" for character in text)


def _mixed_line(data: bytes) -> str | None:
    """The first line that is in the rarer of two encodings; None in a file of one encoding."""
    lines: dict[bool, list[int]] = {True: [], False: []}
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        if _holds_chinese(line):
            lines[True].append(number)
        elif _decoded(line, "utf-8") is None:
            lines[False].append(number)
    good, bad = lines[True], lines[False]
    # A GBK line of a few letters may pass for UTF-8 by chance, whole registers do not.
    if not bad or not good or len(good) * 20 < len(bad):
        return None
    return f"line {bad[0] if len(good) >= len(bad) else good[0]}"


def decode_text(data: bytes, declared: str | None = None) -> tuple[str, str, str]:
    """Text, encoding, and how it was found: declared, bom, strict, gb18030, detected.

    A file that mixes UTF-8 and GBK lines is refused with the line's number, never guessed.
    """
    if declared:
        return _as_declared(data, declared), declared, "declared"
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _decoded(data, encoding)
            if text is None:
                raise _unreadable("文件与其字节序标记不符", "The file does not fit its own BOM")
            return _plain(text), encoding, "bom"
    if b"\0" in data:
        return (*_without_bom(data), "detected")
    text = _decoded(data, "utf-8")
    if text is not None:
        return _plain(text), "utf-8", "strict"
    return _legacy(data)


def _as_declared(data: bytes, declared: str) -> str:
    try:
        text = data.decode(DECODERS[declared])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            f"文件不是所选的编码 {declared}", f"The file is not {declared}", f"line {line}"
        ) from None
    return _plain(text.removeprefix("\ufeff"))


def _without_bom(data: bytes) -> tuple[str, str]:
    """UTF-16 without a BOM: only where the text has the commas and line ends of a table."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _decoded(data, encoding)
        if text and "\0" not in text and "\n" in text and text[0].isprintable():
            ascii_share = sum(map(text.count, ",;\t\n\r"))
            if ascii_share * 200 >= len(text):
                return _plain(text), encoding
    line = data.count(10, 0, data.index(0)) + 1
    raise _unreadable(
        "文件含空字节，不是文本", "The file holds null bytes, it is no text", f"line {line}"
    )


def _legacy(data: bytes) -> tuple[str, str, str]:
    line = _mixed_line(data)
    if line is not None:
        raise _unreadable(
            "文件中 UTF-8 与其他编码的行混在一起",
            "Lines in UTF-8 and in another encoding are mixed in the file",
            line,
        )
    text, big5 = _decoded(data, "gb18030"), _decoded(data, "big5hkscs")
    if text is not None and (big5 is None or not _big5_is_better(text, big5)):
        return _plain(text), "gb18030", "gb18030"
    if big5 is not None:
        return _plain(big5), "big5", "detected"
    found = _guessed(data)
    if found is None:
        raise _unreadable("无法识别文件的文字编码", "The file's encoding is not known")
    return _plain(found[0]), found[1], "detected"


@cache
def _common(encoding: str, first: range) -> frozenset[str]:
    """The frequent characters and the punctuation of a national standard: its first level."""
    pairs = (bytes((lead, tail)) for lead in first for tail in range(0x40, 0xFF))
    return frozenset(text for pair in pairs if (text := _decoded(pair, encoding)))


def _share(text: str, common: Iterable[str]) -> float:
    letters = [character for character in text[:_SAMPLE_BYTES] if character > "\x7f"]
    known = frozenset(common)
    return sum(character in known for character in letters) / max(len(letters), 1)


def _big5_is_better(gb: str, big5: str) -> bool:
    """True where the text makes everyday characters as Big5 and rare ones as GB18030."""
    rare = _share(gb, _common("gb2312", range(0xB0, 0xD8)) | _MARKS)
    if rare >= _CLEARLY_RARE:
        return False
    return _share(big5, _common("big5", range(0xA4, 0xC7)) | _MARKS) >= _CLEARLY_COMMON


_MARKS = frozenset("，。、；：？！“”‘’（）《》【】·—…－～％＃０１２３４５６７８９℃㎡№ⅠⅡⅢⅣ×°′″")


def _guessed(data: bytes) -> tuple[str, str] | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_GUESSES).best()
    text = _decoded(data, best.encoding) if best else None
    return None if best is None or text is None else (text, best.encoding)


def _plain(text: str) -> str:
    found = _CONTROLS.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise _unreadable(
            "文件含控制字符，不是文本", "The file holds control characters", f"line {line}"
        )
    return text
