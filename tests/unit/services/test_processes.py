"""What a process accepts: its inputs by type, bound and choice, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from geo_risk.errors import NotFoundError, Text, UsageError
from geo_risk.services import processes
from geo_risk.services.process_inputs import Input, read_inputs

TITLE = Text("数目", "Number")
DECLARED = {
    "p": Input(TITLE, {"type": "integer", "minimum": 1, "maximum": 1000}, required=True),
    "model": Input(TITLE, {"type": "string", "enum": ["cover", "median"], "default": "cover"}),
    "name": Input(TITLE, {"type": "string", "maxLength": 5}),
    "budget": Input(TITLE, {"type": "number", "minimum": 0}),
    "capacity": Input(TITLE, {"type": "boolean"}),
    "weights": Input(
        TITLE, {"type": "array", "items": {"type": "number", "minimum": 0}, "maxItems": 4}
    ),
    "k_fold": Input(
        TITLE,
        {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 9},
            "maxProperties": 4,
        },
    ),
}


def test_inputs_keep_their_values_and_defaults_are_filled_in() -> None:
    given = {"p": 3, "weights": [8, 4.5], "k_fold": {"red": 2}, "budget": 10, "capacity": False}
    read = read_inputs(DECLARED, given)
    assert read == {**given, "model": "cover"}
    assert isinstance(read["budget"], float)


@pytest.mark.parametrize(
    ("given", "code", "where"),
    [
        ({}, "input_missing", "inputs.p"),
        ({"p": 3, "q": 1}, "input_unknown", "inputs.q"),
        ({"p": 0}, "input_invalid", "inputs.p"),
        ({"p": 1001}, "input_invalid", "inputs.p"),
        ({"p": 3.0}, "input_invalid", "inputs.p"),
        ({"p": True}, "input_invalid", "inputs.p"),
        ({"p": "3"}, "input_invalid", "inputs.p"),
        ({"p": None}, "input_invalid", "inputs.p"),
        ({"p": 3, "model": "centre"}, "input_invalid", "inputs.model"),
        ({"p": 3, "model": ["cover"]}, "input_invalid", "inputs.model"),
        ({"p": 3, "name": "123456"}, "input_invalid", "inputs.name"),
        ({"p": 3, "budget": -1}, "input_invalid", "inputs.budget"),
        ({"p": 3, "budget": 10**400}, "input_invalid", "inputs.budget"),
        ({"p": 3, "budget": float("nan")}, "input_invalid", "inputs.budget"),
        ({"p": 3, "capacity": 1}, "input_invalid", "inputs.capacity"),
        ({"p": 3, "weights": [1] * 5}, "input_invalid", "inputs.weights"),
        ({"p": 3, "weights": [8, "4"]}, "input_invalid", "inputs.weights[1]"),
        ({"p": 3, "weights": {"0": 8}}, "input_invalid", "inputs.weights"),
        ({"p": 3, "k_fold": {"red": 0}}, "input_invalid", "inputs.k_fold.red"),
        ({"p": 3, "k_fold": [2]}, "input_invalid", "inputs.k_fold"),
        ({"p": 3, "k_fold": dict.fromkeys("abcde", 1)}, "input_invalid", "inputs.k_fold"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(given: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs(DECLARED, given)
    assert (caught.value.code, caught.value.where) == (code, where)
    assert all(caught.value.fix.values())


@pytest.mark.parametrize("process", processes.processes(), ids=lambda process: process.id)
def test_every_process_says_in_both_languages_what_it_needs(process: processes.Process) -> None:
    texts = [process.title, process.note]
    texts += [one.title for one in (*process.inputs().values(), *process.outputs.values())]
    assert all(text["zh"].strip() and text["en"].strip() for text in texts)
    assert processes.process_named(process.id) is process


def test_groups_are_formed_by_the_default_policy_unless_another_is_named() -> None:
    groups = processes.process_named("groups")
    assert groups.read({}) == {"policy": "joint_1000", "major_only": False}
    with pytest.raises(UsageError):
        groups.read({"policy": "nothing"})


def test_an_unknown_process_is_named() -> None:
    with pytest.raises(NotFoundError) as caught:
        processes.process_named("siting_of_nothing")
    assert caught.value.code == "process_unknown"
