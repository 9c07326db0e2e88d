"""The registered graders: which fields of a layer they read, and grading of many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ..errors import CatalogueError, GeoRiskError, InputError, Text
from .exact import exact
from .gb18218_tables import EDITION
from .lec import grade_lec
from .ls import grade_ls
from .major_hazard import colour_profiles, grade_major_hazard
from .profiles import profile_names, refuse_profile
from .results import Graded, Reason, not_computable, reason_of
from .stated import STATED_FIELD, beside_stated, stated_grade, stated_only
from .substances import parse_substances

_GradeOne = Callable[[Mapping[str, object], str], Graded]


@dataclass(frozen=True)
class Grader:
    """A grader as a layer's TOML names it.

    `fields` are the fields of the layer it reads, `required` those without which no row can be
    graded.
    """

    name: str
    clause: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    default_profile: str
    list_profiles: Callable[[], tuple[str, ...]]
    grade_one: _GradeOne

    def profiles(self) -> tuple[str, ...]:
        """The profiles this grader knows."""
        return self.list_profiles()

    def grade_rows(self, rows: Sequence[Mapping[str, object]], profile: str = "") -> list[Graded]:
        """Grade rows in order; a row whose inputs are missing or illegal is no data, with why.

        A row with none of the required inputs but a `stated_grade` has that one, profile `stated`.
        Raises `UsageError` for an unknown profile only. Equal inputs are graded once.
        """
        profile = profile or self.default_profile
        refuse_profile(profile, self.profiles())
        seen: dict[object, Graded] = {}
        graded = []
        for row in rows:
            values = tuple(row.get(name) for name in (*self.fields, STATED_FIELD))
            key = tuple((type(value), repr(value)) for value in values)
            if key not in seen:
                inputs = dict(zip(self.fields, values, strict=False))
                seen[key] = self._with_stated(inputs, values[-1], profile)
            graded.append(seen[key])
        return graded

    def _with_stated(self, values: Mapping[str, object], stated: object, profile: str) -> Graded:
        """The grade by the inputs; the stated one where there are none."""
        grade = stated_grade(stated)
        if grade is None:
            return self._grade(values, profile)
        if all(is_missing(values[name]) for name in self.required):
            return stated_only(grade)
        return beside_stated(self._grade(values, profile), grade)

    def _grade(self, values: Mapping[str, object], profile: str) -> Graded:
        missing = [name for name in self.required if is_missing(values[name])]
        if missing:
            return not_computable(profile, (_missing(missing, self.clause),), {})
        try:
            return self.grade_one(values, profile)
        except CatalogueError:
            raise
        except GeoRiskError as error:
            return not_computable(profile, (reason_of(error, self.clause),), {})


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN or blank text."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124


def _missing(names: Sequence[str], clause: str) -> Reason:
    fields = ", ".join(names)
    return Reason(
        "input_missing",
        Text(f"缺少 {fields}，无法分级", f"{fields} missing: cannot be graded"),
        clause,
        dict.fromkeys(names, ""),
    )


def _lec(row: Mapping[str, object], profile: str) -> Graded:
    return grade_lec(row["l"], row["e"], row["c"], profile)  # type: ignore[arg-type]


def _ls(row: Mapping[str, object], profile: str) -> Graded:
    return grade_ls(row["l"], row["s"], profile)  # type: ignore[arg-type]


def _gb18218(row: Mapping[str, object], profile: str) -> Graded:
    people = row["exposed_people"]
    exposed = None if is_missing(people) else _whole(people, "exposed_people")
    return grade_major_hazard(parse_substances(str(row["substances"])), exposed, profile)


def _whole(value: object, field: str) -> int:
    number = exact(value, field)
    if number.denominator == 1:
        return int(number)
    raise InputError(
        "number_not_whole",
        Text(f"{field} 必须是整数", f"{field} must be a whole number"),
        where=field,
        got=value,
        fix=Text("请填写人数", "Give the number of people"),
    )


GRADERS: Mapping[str, Grader] = MappingProxyType(
    {
        "lec": Grader(
            "lec",
            "作业条件危险性评价法(LEC)",
            ("l", "e", "c"),
            ("l", "e", "c"),
            "lec_strict_gt",
            lambda: profile_names("LEC"),
            _lec,
        ),
        "ls": Grader(
            "ls",
            "风险矩阵法(LS)",
            ("l", "s"),
            ("l", "s"),
            "ls5_17_11_5",
            lambda: profile_names("LS"),
            _ls,
        ),
        "gb18218": Grader(
            "gb18218",
            EDITION,
            ("substances", "exposed_people"),
            ("substances",),
            "hazard_level_colours",
            colour_profiles,
            _gb18218,
        ),
    }
)
