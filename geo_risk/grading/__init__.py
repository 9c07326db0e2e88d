"""Grading by the standards: LEC, LS, GB 18218-2018, roll-up; every grade with its reasons."""

from .direct_rules import (
    DirectRule,
    chosen_rules,
    direct_rules,
    rule_fields,
    with_direct_rules,
)
from .edition_2009 import identify_2009
from .exact import exact_text
from .gb18218_tables import alpha_of
from .graders import COUNTED_FIELD, FORMULA, GRADERS, Grader, grader_of_profile
from .grids import GRIDS, H3_RESOLUTION, Grid, grid_of, share_of_ground, to_plane
from .industries import Section, division_names, industry_of, sections
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
from .roll_up_methods import (
    INDEX,
    METHODS,
    WHY,
    Ground,
    Method,
    Summed,
    counts_by_group,
    roll_up_method,
    sum_up,
)
from .substances import Substance, canonical_substances, parse_substances
from .unit_table import substance_of
from .what_if import Change, ways_down

__all__ = [
    "COUNTED_FIELD",
    "FORMULA",
    "GRADERS",
    "GRIDS",
    "H3_RESOLUTION",
    "INDEX",
    "METHODS",
    "ROLL_UP_COLUMNS",
    "WHY",
    "Basis",
    "Cell",
    "Change",
    "DirectRule",
    "Graded",
    "Grader",
    "Grid",
    "Ground",
    "IndexPolicy",
    "Method",
    "Reason",
    "RollUp",
    "Section",
    "Substance",
    "Summed",
    "alpha_of",
    "canonical_substances",
    "cells",
    "chosen_rules",
    "compared_grader",
    "count_grades",
    "counts_by_group",
    "direct_rules",
    "division_names",
    "exact_text",
    "grade_lec",
    "grade_ls",
    "grade_major_hazard",
    "grader_of_profile",
    "grid_of",
    "hazard_level",
    "identify_2009",
    "index_names",
    "index_policy",
    "industry_of",
    "parse_substances",
    "resolve",
    "roll_up",
    "roll_up_method",
    "rule_fields",
    "sections",
    "share_of_ground",
    "substance_of",
    "sum_up",
    "to_plane",
    "ways_down",
    "with_direct_rules",
]
