"""What a median or a centre is asked: costs, number of sites, fixed and forbidden candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import GeoRiskError, Text, UsageError
from .infeasible import InfeasibleError

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Lists = tuple[NDArray[np.int64], NDArray[np.int32], Floats]
"""Per demand the candidates that reach it, cheapest first: where each begins, sites, prices."""


@dataclass(frozen=True)
class Choice:
    """Checked input: `cost` (n demands, m candidates), infinite where not reachable.

    `fixed` are rows of candidates, ascending, that every plan holds; `usable`, shape (m,), is
    False for the forbidden ones.
    """

    cost: Floats
    p: int
    fixed: Rows
    usable: Bools


def checked(cost: ArrayLike, p: int, fixed: Sequence[int], forbidden: Sequence[int]) -> Choice:
    """The input as arrays; `UsageError` where it cannot be, `InfeasibleError` as its text says."""
    table = np.ascontiguousarray(cost, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise _usage("cost_invalid", "没有需求点或候选点", "No demand or no candidate", "cost")
    bad = np.argwhere(~(table >= 0))
    if len(bad):
        i, j = bad[0]
        zh, en = "费用不是非负数", "A cost is no number from 0 on"
        raise _usage("cost_invalid", zh, en, f"demand {i}, candidate {j}", table[i, j])
    m = table.shape[1]
    kept, out = _sites(fixed, m, "fixed"), _sites(forbidden, m, "forbidden")
    both = np.intersect1d(kept, out)
    if len(both):
        zh, en = "候选点既固定又禁止", "A candidate is both fixed and forbidden"
        raise _usage("sites_invalid", zh, en, f"candidate {both[0]}")
    usable = np.ones(m, np.bool_)
    usable[out] = False
    if not max(len(kept), 1) <= p <= usable.sum():
        zh = f"设施数应为 {max(len(kept), 1)} 至 {usable.sum()}"
        en = f"The number of sites must be {max(len(kept), 1)} to {usable.sum()}"
        raise _usage("p_invalid", zh, en, "p", p)
    choice = Choice(table, int(p), kept, usable)
    beyond = np.flatnonzero(~np.isfinite(np.where(usable, table, np.inf)).any(axis=1))
    if len(beyond):
        raise unreachable(beyond)
    return choice


def checked_weights(weights: ArrayLike, n: int) -> Floats:
    """Weights as float64, shape (n,); `UsageError` where one is no finite number from 0 on."""
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,):
        zh, en = "权重与需求点个数不同", "There are not as many weights as demands"
        raise _usage("lengths_differ", zh, en, "weights", given.shape)
    bad = np.flatnonzero(~((given >= 0) & np.isfinite(given)))
    if len(bad):
        zh, en = "权重不是非负数", "A weight is no number from 0 on"
        raise _usage("weights_invalid", zh, en, f"demand {bad[0]}", given[bad[0]])
    return given


def unreachable(demands: Rows) -> InfeasibleError:
    """Demands that no usable candidate reaches."""
    zh = f"有 {len(demands)} 个需求点任何候选点都到不了"
    en = f"No usable candidate reaches {len(demands)} of the demands"
    fix = Text("增加候选点，或去掉这些需求点", "Add candidates, or leave these demands out")
    return InfeasibleError("infeasible", Text(zh, en), demands=demands, fix=fix)


def too_few(demands: Rows, p: int) -> InfeasibleError:
    """Demands that stay unserved in a good plan, where no plan of p sites serves all."""
    zh = f"{p} 个设施不能服务全部需求点：较好的方案仍有 {len(demands)} 个到不了"
    en = f"No {p} sites serve all demands: a good plan still leaves {len(demands)} unserved"
    fix = Text("增加设施数，或放开固定、禁止的候选点", "Allow more sites, or free some candidates")
    return InfeasibleError("infeasible", Text(zh, en), demands=demands, fix=fix)


def undecided() -> GeoRiskError:
    """The time was up before a plan that serves all was found, or proved not to exist."""
    zh, en = "到时仍未找到服务全部需求点的方案", "No plan that serves all was found in the time"
    fix = Text("延长时限，或增加设施数", "Allow more time, or more sites")
    return GeoRiskError("undecided", Text(zh, en), fix=fix)


def nearest_lists(cost: Floats) -> Lists:
    """Each row's finite costs, ascending, and where they stand; ties by row number."""
    order = np.argsort(cost, axis=1, kind="stable")
    price = np.take_along_axis(cost, order, axis=1)
    reached = np.isfinite(price)
    start = np.concatenate([[0], np.cumsum(reached.sum(axis=1))])
    return start, order.astype(np.int32)[reached], price[reached]


def _sites(rows: Sequence[int], m: int, name: str) -> Rows:
    given = np.unique(np.asarray(rows, dtype=np.int64))
    if len(given) and not 0 <= given[0] <= given[-1] < m:
        bad = given[0] if given[0] < 0 else given[-1]
        zh, en = "没有这个候选点", "There is no such candidate"
        raise _usage("sites_invalid", zh, en, name, bad)
    return given


def _usage(code: str, zh: str, en: str, where: str, got: object = None) -> UsageError:
    return UsageError(code, Text(zh, en), where=where, got=got)
