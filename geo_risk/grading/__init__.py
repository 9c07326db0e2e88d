"""Grading by the standards: LEC, LS, GB 18218-2018, roll-up; every grade with its reasons."""

from .direct_rules import DirectRule, chosen_rules, direct_rules, with_direct_rules
from .edition_2009 import identify_2009
from .exact import exact_text
from .gb18218_tables import alpha_of
from .graders import COUNTED_FIELD, FORMULA, GRADERS, Grader, grader_of_profile
from .lec import grade_lec
from .ls import grade_ls
from .major_hazard import grade_major_hazard, hazard_level
from .profile_diff import Cell, cells, compared_grader
from .quantities import resolve
from .results import Basis, Graded, Reason
from .roll_up import (
    ROLL_UP_COLUMNS,
    IndexPolicy,
    RollUp,
    count_grades,
    index_names,
    index_policy,
    roll_up,
)
from .substances import Substance, canonical_substances, parse_substances
from .unit_table import substance_of
from .what_if import Change, ways_down

__all__ = [
    "COUNTED_FIELD",
    "FORMULA",
    "GRADERS",
    "ROLL_UP_COLUMNS",
    "Basis",
    "Cell",
    "Change",
    "DirectRule",
    "Graded",
    "Grader",
    "IndexPolicy",
    "Reason",
    "RollUp",
    "Substance",
    "alpha_of",
    "canonical_substances",
    "cells",
    "chosen_rules",
    "compared_grader",
    "count_grades",
    "direct_rules",
    "exact_text",
    "grade_lec",
    "grade_ls",
    "grade_major_hazard",
    "grader_of_profile",
    "hazard_level",
    "identify_2009",
    "index_names",
    "index_policy",
    "parse_substances",
    "resolve",
    "roll_up",
    "substance_of",
    "ways_down",
    "with_direct_rules",
]
