"""The registered graders: which fields of a layer they read, and grading of many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..errors import CatalogueError, GeoRiskError, InputError, Text, UsageError
from .controls import CONTROL_FIELDS, with_control
from .direct_rules import DirectRule, rule_fields, with_direct_rules
from .exact import exact
from .gb18218_tables import EDITION
from .lec import grade_lec
from .ls import grade_ls
from .major_hazard import colour_profiles, grade_major_hazard
from .profiles import profile_names, profile_rule, refuse_profile
from .results import Basis, Graded, Reason, not_computable, reason_of
from .stated import STATED_FIELD, beside_stated, stated_grade, stated_only
from .substances import parse_substances

LEC_CLAUSE, LS_CLAUSE = "作业条件危险性评价法(LEC)", "风险矩阵法(LS)"

COUNTED_FIELD = "exposed_counted"
"""Beside the layer's fields: the people that were counted in the register, with their source."""

FORMULA = "1"
"""The version of the computations of this package: a change of any result is another one."""

_GradeOne = Callable[[Mapping[str, object], str], Graded]


@dataclass(frozen=True)
class Grader:
    """A grader as a layer's TOML names it.

    `fields` are the fields of the layer it reads, `required` those without which no row can be
    graded, `derived` what may stand in a row beside the layer's fields.
    """

    name: str
    clause: str
    edition: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    default_profile: str
    list_profiles: Callable[[], tuple[str, ...]]
    grade_one: _GradeOne
    derived: tuple[str, ...] = ()

    def profiles(self) -> tuple[str, ...]:
        """The profiles this grader knows."""
        return self.list_profiles()

    def inputs(self, rules: Sequence[DirectRule] = ()) -> tuple[str, ...]:
        """All names that a grade may rest on: the method's, the controls', the rules'."""
        names = (*self.fields, *self.derived, *CONTROL_FIELDS, *rule_fields(rules), STATED_FIELD)
        return tuple(dict.fromkeys(names))

    def grade_rows(
        self,
        rows: Sequence[Mapping[str, object]],
        profile: str = "",
        rules: Sequence[DirectRule] = (),
    ) -> list[Graded]:
        """Grade rows in order; a row whose inputs are missing or illegal is no data, with why.

        The method first, then a control that the profile lets lower the grade, then the direct
        rules. A row with none of the required inputs but a `stated_grade` has that one, profile
        `stated`. Each result has its basis. Raises `UsageError` for an unknown profile only.
        Equal inputs are graded once.
        """
        profile = profile or self.default_profile
        refuse_profile(profile, self.profiles())
        names = self.inputs(rules)
        seen: dict[object, Graded] = {}
        graded = []
        for row in rows:
            values = [_plain(row.get(name)) for name in names]
            key = tuple((type(value), repr(value)) for value in values)
            if key not in seen:
                inputs = dict(zip(names, values, strict=True))
                seen[key] = self._with_basis(inputs, profile, rules)
            graded.append(seen[key])
        return graded

    def _with_basis(
        self, values: Mapping[str, object], profile: str, rules: Sequence[DirectRule]
    ) -> Graded:
        """The grade by the inputs, with these."""
        given = {name: value for name, value in values.items() if not is_missing(value)}
        asked = tuple(rule.name for rule in rules)
        basis = Basis(self.name, self.edition, FORMULA, profile, asked, given)
        return replace(self._in_steps(values, profile, rules), basis=basis)

    def _in_steps(
        self, values: Mapping[str, object], profile: str, rules: Sequence[DirectRule]
    ) -> Graded:
        stated = stated_grade(values.get(STATED_FIELD))
        if stated is not None and all(is_missing(values[name]) for name in self.required):
            return with_direct_rules(stated_only(stated), values, rules)
        graded = with_control(self._grade(values, profile), values, profile_rule(profile))
        graded = with_direct_rules(graded, values, rules)
        return graded if stated is None else beside_stated(graded, stated)

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


def _plain(value: object) -> object:
    """A value as it is kept: a whole number is one, however the store holds it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


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
    people, counted = row["exposed_people"], row.get(COUNTED_FIELD)
    exposed = None if is_missing(people) else _whole(people, "exposed_people")
    found = counted if isinstance(counted, Mapping) else None
    substances = parse_substances(str(row["substances"]))
    return grade_major_hazard(substances, exposed, profile, counted=found)


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
            LEC_CLAUSE,
            LEC_CLAUSE,
            ("l", "e", "c"),
            ("l", "e", "c"),
            "lec_strict_gt",
            lambda: profile_names("LEC"),
            _lec,
        ),
        "ls": Grader(
            "ls",
            LS_CLAUSE,
            LS_CLAUSE,
            ("l", "s"),
            ("l", "s"),
            "ls5_17_11_5",
            lambda: profile_names("LS"),
            _ls,
        ),
        "gb18218": Grader(
            "gb18218",
            EDITION,
            EDITION,
            ("substances", "exposed_people"),
            ("substances",),
            "hazard_level_colours",
            colour_profiles,
            _gb18218,
            (COUNTED_FIELD,),
        ),
    }
)


def grader_of_profile(profile: str) -> Grader:
    """The grader that knows a profile; `UsageError` names all profiles."""
    for grader in GRADERS.values():
        if profile in grader.profiles():
            return grader
    known = ", ".join(name for grader in GRADERS.values() for name in grader.profiles())
    raise UsageError(
        "profile_unknown",
        Text("没有这个分级方案", "There is no such grade profile"),
        where="profile",
        got=profile,
        fix=Text(f"可用方案：{known}", f"Profiles: {known}"),
    )
