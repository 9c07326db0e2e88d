"""Grading by the standards: LEC, LS, GB 18218-2018, roll-up; every grade with its reasons."""

from .gb18218_tables import alpha_of
from .graders import GRADERS, Grader
from .grids import GRIDS, H3_RESOLUTION, Grid, grid_of, share_of_ground, to_plane
from .industries import Section, industry_of, sections
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

__all__ = [
    "GRADERS",
    "GRIDS",
    "H3_RESOLUTION",
    "INDEX",
    "METHODS",
    "ROLL_UP_COLUMNS",
    "WHY",
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
    "count_grades",
    "counts_by_group",
    "grade_lec",
    "grade_ls",
    "grade_major_hazard",
    "grid_of",
    "hazard_level",
    "index_names",
    "index_policy",
    "industry_of",
    "parse_substances",
    "roll_up",
    "roll_up_method",
    "sections",
    "share_of_ground",
    "sum_up",
    "to_plane",
]
