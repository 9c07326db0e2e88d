"""Grading by the standards: LEC, LS, GB 18218-2018, roll-up; every grade with its reasons."""

from .gb18218_tables import alpha_of
from .graders import GRADERS, Grader
from .lec import grade_lec
from .ls import grade_ls
from .major_hazard import grade_major_hazard, hazard_level
from .results import Graded, Reason
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

__all__ = [
    "GRADERS",
    "ROLL_UP_COLUMNS",
    "Graded",
    "Grader",
    "IndexPolicy",
    "Reason",
    "RollUp",
    "Substance",
    "alpha_of",
    "canonical_substances",
    "count_grades",
    "grade_lec",
    "grade_ls",
    "grade_major_hazard",
    "hazard_level",
    "index_names",
    "index_policy",
    "parse_substances",
    "roll_up",
]
