"""Where to put cameras, centres, depots and shelters: plans with a bound that proves them.

Reach (who reaches whom) is built by `reach_within` or `reach_from_table`; `max_cover`,
`set_cover`, `p_median` and `p_center` give a `Solution`. Models and bounds: docs/methods.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assignment import assign, site_worth
    from .center import p_center
    from .constrained import Demands, max_cover_with
    from .cover import max_cover
    from .curve import cover_curve
    from .evaluate import cover_by_class, site_worths
    from .graph import graph_costs
    from .infeasible import InfeasibleError
    from .median import p_median
    from .reach import Reach, reach_from_table, reach_within
    from .set_covering import set_cover
    from .solution import Progress, Solution

# By name, so that no solver and no compiler is loaded before it is used.
_HOME = {
    "assignment": ("assign", "site_worth"),
    "center": ("p_center",),
    "constrained": ("Demands", "max_cover_with"),
    "cover": ("max_cover",),
    "curve": ("cover_curve",),
    "evaluate": ("cover_by_class", "site_worths"),
    "graph": ("graph_costs",),
    "infeasible": ("InfeasibleError",),
    "median": ("p_median",),
    "reach": ("Reach", "reach_from_table", "reach_within"),
    "set_covering": ("set_cover",),
    "solution": ("Progress", "Solution"),
}
__all__ = [
    "Demands",
    "InfeasibleError",
    "Progress",
    "Reach",
    "Solution",
    "assign",
    "cover_by_class",
    "cover_curve",
    "graph_costs",
    "max_cover",
    "max_cover_with",
    "p_center",
    "p_median",
    "reach_from_table",
    "reach_within",
    "set_cover",
    "site_worth",
    "site_worths",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
