"""Unified social credit code (GB 32100-2015): 18 characters, the last a check modulo 31."""

from __future__ import annotations

import re

from geo_risk.errors import Text

from .faults import Fault, Noted, invalid, scientific
from .texts import is_blank, plain

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEMO_PREFIX = "DEMO"
"""No real code can begin so: O is not in the alphabet of GB 32100."""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(3**i % 31 for i in range(17))
_FORM = re.compile(f"[{ALPHABET}]{{18}}")
_DEMO = re.compile(r"DEMO[0-9A-Z]{14}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}")
_NEVER = str.maketrans("OISZ", "0152")
_ALIKE = {"B": "8", "8": "B"}


def check_character(body: str) -> str:
    """The eighteenth character for the first seventeen (GB 32100-2015, clause 4.6 and annex)."""
    total = sum(_VALUE[c] * weight for c, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check_character(body: str) -> str:
    """The ninth character of an organisation code for the first eight (GB 11714-1997).

    They are characters 9 to 16 of a credit code; the check is its seventeenth.
    """
    total = sum(int(c, 36) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def is_credit_code(code: str) -> bool:
    """Whether a code in capitals has 18 allowed characters and the right last one."""
    return bool(_FORM.fullmatch(code)) and check_character(code[:17]) == code[17]


def is_demo_code(code: str) -> bool:
    """Whether a code in capitals carries the prefix reserved for synthetic records."""
    return bool(_DEMO.fullmatch(code))


def organisation_fits(code: str) -> bool:
    """Whether the organisation code within a credit code keeps the check of GB 11714."""
    return organisation_check_character(code[8:16]) == code[16]


def likely_code(code: str) -> str | None:
    """The one code that a clerk may have misread as this, None where there is none or several.

    O, I, S and Z stand in no code, so they are 0, 1, 5 and 2; without them one B may be an 8 or
    the other way round.
    """
    mended = code.translate(_NEVER)
    if mended != code:
        found = [mended]
    else:
        found = [
            code[:at] + _ALIKE[character] + code[at + 1 :]
            for at, character in enumerate(code)
            if character in _ALIKE
        ]
    valid = [candidate for candidate in found if is_credit_code(candidate)]
    return valid[0] if len(valid) == 1 else None


def _of_wrong_length(cell: object, code: str) -> Fault:
    if re.fullmatch(r"[0-9]{15}", code):
        return invalid(
            cell,
            "是 15 位的旧工商注册号，不是统一社会信用代码",
            "is an old registration number of 15 digits, not a unified social credit code",
            "请填写新执照上的 18 位代码；没有时留空",
            "Give the 18 characters of the new licence, or leave the cell empty",
        )
    if _ORGANISATION.fullmatch(code):
        return invalid(
            cell,
            "是 9 位的组织机构代码，不是统一社会信用代码",
            "is an organisation code of 9 characters, not a unified social credit code",
            "请填写执照上的 18 位代码；没有时留空",
            "Give the 18 characters of the licence, or leave the cell empty",
        )
    count = len(code)
    if count == 17:
        fix_zh = "少 1 位：开头的 0 可能被 Excel 去掉了；请把该列设为文本，按营业执照补全 18 位"
        fix_en = (
            "One is lacking: Excel may have dropped a leading zero; make the column text and "
            "give all 18 characters of the licence"
        )
    else:
        fix_zh = "请按营业执照填写 18 位代码；没有代码时留空"
        fix_en = "Give the 18 characters of the licence, or leave the cell empty"
    zh, en = f"有 {count} 位，应为 18 位", f"has {count} characters, not 18"
    return invalid(cell, zh, en, fix_zh, fix_en)


def _wrong(cell: object, code: str) -> Fault:
    """Why 18 characters are no code, with the likely one where there is exactly one."""
    never = "、".join(sorted(set(code) - set(ALPHABET)))
    if never:
        zh = f"不是有效的统一社会信用代码(代码中不会出现 {never})"
        en = f"is not a valid unified social credit code (there is never {never} in one)"
    else:
        zh = "不是有效的统一社会信用代码(校验位不符)"
        en = "is not a valid unified social credit code (its check character does not fit)"
    likely = likely_code(code)
    if likely:
        fix_zh = f"是否为 {likely}？请按营业执照核对后改正"
        fix_en = f"Is it {likely}? Compare with the licence and mend the cell"
    elif isinstance(cell, int) or re.fullmatch(r"[0-9]{15}000", code):
        fix_zh = "Excel 只保留 15 位数字，后面变成了 0；请把该列设为文本后按营业执照重新填写"
        fix_en = (
            "Excel keeps 15 digits and makes the rest zeros; make the column text and write the "
            "code of the licence again"
        )
    else:
        fix_zh = "请按营业执照核对 18 位代码；没有代码时留空"
        fix_en = "Compare the 18 characters with the licence, or leave the cell empty"
    return invalid(cell, zh, en, fix_zh, fix_en)


def _odd_organisation(code: str) -> Noted:
    """Codes issued by licence offices break GB 11714 now and then: told, not refused."""
    return Noted(
        code,
        "credit_code_organisation",
        Text(
            f"“{code}”的总校验位正确，但第 9–17 位的组织机构代码校验位不符",
            f"The check character of “{code}” fits, that of its organisation code (9 to 17) not",
        ),
        Text("已存入；请按营业执照核对", "It is stored; compare it with the licence"),
    )


def read_credit_code(cell: object) -> object:
    """A code by GB 32100-2015, or one with the demo prefix (for synthetic records only)."""
    text = plain(cell)
    if is_blank(text):
        return None
    code = text.upper().replace(" ", "").replace("-", "")
    if is_credit_code(code):
        return code if organisation_fits(code) else _odd_organisation(code)
    if is_demo_code(code):
        return code
    if _SCIENTIFIC.fullmatch(text.upper()):
        return scientific(cell)
    return _wrong(cell, code) if len(code) == 18 else _of_wrong_length(cell, code)
