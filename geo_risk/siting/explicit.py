"""A small covering instance as one explicit model: a column per site and per row."""

from __future__ import annotations

import numpy as np

from .instance import Flags, Instance
from .mip import Found, Model
from .solution import Stop


def solve_explicit(instance: Instance, open_: Flags, stop: Stop, apart: float) -> Found:
    """The best plan of an instance from a known one; `base` is not in its objective.

    max Σ weight y, y[i] ≤ Σ x of the sites that reach row i, Σ cost x ≤ budget.
    """
    sites, rows = len(instance.cost), len(instance.weight)
    model = Model(
        np.r_[np.zeros(sites), instance.weight],
        np.ones(sites + rows),
        np.r_[np.ones(sites, bool), np.zeros(rows, bool)],
    )
    ends = instance.starts[1:]
    columns = np.insert(instance.sites.astype(np.int64), ends, sites + np.arange(rows))
    values = np.insert(np.ones(len(instance.sites)), ends, -1.0)
    starts = instance.starts + np.arange(rows + 1)
    model.add(starts, columns, values, np.zeros(rows), np.full(rows, np.inf))
    every = np.arange(sites)
    budget = np.array([instance.budget])
    model.add(np.array([0, sites]), every, instance.cost, np.array([-np.inf]), budget)
    reached = np.add.reduceat(open_[instance.sites].astype(float), instance.starts[:-1]) > 0
    return model.solve(stop, np.r_[open_, reached].astype(np.float64), apart)
