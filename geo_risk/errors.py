"""The error tree: every error says what, where, what came and what to do, in Chinese and English.

Only these errors reach a user; anything else is reported as an internal error without its text.
"""

from __future__ import annotations

from typing import Literal

Lang = Literal["zh", "en"]


class Text(dict[Lang, str]):
    """A sentence in Chinese and English; `Text("中文", "English")`."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__({"zh": zh, "en": en})


class GeoRiskError(Exception):
    """Base of all errors that are shown to users.

    Parameters
    ----------
    code : short machine-readable name, stable across versions (`datum_unknown`).
    message : what is wrong, in both languages.
    where : the file, row, field, parameter or feature concerned.
    got : what came instead, shortened to 200 characters.
    fix : what the user can do about it, in both languages.
    """

    exit_code = 1
    status = 400

    def __init__(
        self,
        code: str,
        message: Text,
        *,
        where: str = "",
        got: object = None,
        fix: Text | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.where = where
        self.got = None if got is None else str(got)[:200]
        self.fix = fix or Text("", "")
        super().__init__(self.say("en"))

    def say(self, lang: Lang = "zh") -> str:
        """One line for people: message, place, what came, what to do."""
        comma, stop = ("，", "。") if lang == "zh" else (", ", ". ")
        parts = [self.message[lang]]
        if self.where:
            parts.append(("位置 " if lang == "zh" else "at ") + self.where)
        if self.got is not None:
            parts.append(("得到 " if lang == "zh" else "got ") + self.got)
        line = comma.join(parts)
        return line + stop + self.fix[lang] if self.fix[lang] else line

    def as_json(self, lang: Lang = "zh") -> dict[str, str | None]:
        """The contract's error object: code, message, where, got, fix."""
        return {
            "code": self.code,
            "message": self.message[lang],
            "where": self.where,
            "got": self.got,
            "fix": self.fix[lang],
        }


class UsageError(GeoRiskError, ValueError):
    """A parameter or option that cannot be: unknown datum, unknown layer, bad bbox."""

    exit_code = 2


class InputError(GeoRiskError, ValueError):
    """A file or value that cannot be read as what it should be."""

    status = 422


class NotFoundError(GeoRiskError, LookupError):
    """A layer, feature or batch that does not exist."""

    status = 404


class ConflictError(GeoRiskError):
    """A write that the present state of the store does not allow."""

    status = 409


class CatalogueError(GeoRiskError, ValueError):
    """A layer, profile or policy file that breaks its rules; names file, key and fix."""


class StoreError(GeoRiskError):
    """The store is missing, locked, damaged or of another version."""

    status = 503
