"""The processes that may run as jobs. A new one is a `Process` in `_PROCESSES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geo_risk.errors import NotFoundError, Text
from geo_risk.jobs import Progress
from geo_risk.neighbours.group_policies import DEFAULT_GROUP_POLICY, group_policies
from geo_risk.store import Store

from . import groups, plan_processes, siting_process
from .process_inputs import Input, read_inputs


@dataclass(frozen=True)
class Process:
    """Long work by name.

    inputs : what may be given; a function, since choices such as policies are read from files.
    outputs : the members of the result.
    run : does it with read inputs, and gives the result as what JSON can say.
    """

    id: str
    title: Text
    note: Text
    inputs: Callable[[], Mapping[str, Input]]
    outputs: Mapping[str, Input]
    run: Callable[[Store, dict[str, Any], Progress], Mapping[str, Any]]

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a request, checked; `UsageError` as `read_inputs` has it."""
        return read_inputs(self.inputs(), given)


def _group_inputs() -> dict[str, Input]:
    policies = list(group_policies())
    return {
        "policy": Input(
            Text("分组方案", "Policy of groups"),
            {"type": "string", "enum": policies, "default": DEFAULT_GROUP_POLICY},
        ),
        "major_only": Input(
            Text("只含最高等级为红或橙的单位", "Only units whose worst grade is red or orange"),
            {"type": "boolean", "default": False},
        ),
    }


def _run_groups(store: Store, inputs: dict[str, Any], progress: Progress) -> dict[str, Any]:
    return groups.build(store, inputs["policy"], major_only=inputs["major_only"], progress=progress)


_PROCESSES = (
    Process(
        "groups",
        Text("结成联防组", "Form joint-prevention groups"),
        Text(
            "按方案把相邻相近的单位结成联防组，取代原来的组",
            "Forms groups of near and like units by a policy, in the place of those before",
        ),
        _group_inputs,
        {
            "policy": Input(Text("分组方案", "Policy of groups"), {"type": "string"}),
            "groups": Input(Text("各种组的数目", "Groups of each kind"), {"type": "object"}),
            "units": Input(Text("参与的单位数", "Units that took part"), {"type": "integer"}),
            "links": Input(Text("联系数", "Links"), {"type": "integer"}),
            "alone": Input(Text("不在组内的单位", "Units in no group"), {"type": "array"}),
        },
        _run_groups,
    ),
    Process(
        "siting",
        Text("选址", "Site"),
        Text(
            "在候选点中选址，方案带界；输入同 geo-risk site 的选项",
            "Chooses sites among candidates, with a bound; inputs as the options of geo-risk site",
        ),
        siting_process.inputs,
        siting_process.outputs(),
        siting_process.run,
    ),
    Process(
        "camera-plan",
        Text("视频监控方案", "Camera plan"),
        Text(
            "按本库的风险点、道路、建筑和现有摄像机选位并存入",
            "Sites cameras by the store's risks, roads, buildings and cameras, and keeps the plan",
        ),
        plan_processes.camera_inputs,
        plan_processes.outputs(),
        plan_processes.run_cameras,
    ),
    Process(
        "centre-plan",
        Text("应急站点方案", "Plan of centres"),
        Text(
            "按本库的道路、风险点和现有设施选址并存入",
            "Sites stations, depots or shelters by the store's roads and risks, and keeps the plan",
        ),
        plan_processes.centre_inputs,
        plan_processes.outputs(),
        plan_processes.run_centres,
    ),
)


def processes() -> tuple[Process, ...]:
    """All processes."""
    return _PROCESSES


def process_named(process_id: str) -> Process:
    """One process; `NotFoundError` `process_unknown`."""
    for process in _PROCESSES:
        if process.id == process_id:
            return process
    known = ", ".join(process.id for process in _PROCESSES)
    raise NotFoundError(
        "process_unknown",
        Text("没有这种处理", "There is no such process"),
        where="/processes",
        got=process_id,
        fix=Text(f"可用: {known}", f"Use one of {known}"),
    )
