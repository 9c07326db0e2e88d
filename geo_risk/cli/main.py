"""The command group: lazy commands, --db for all, errors as words and exit codes."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any
from unicodedata import category

import click

from geo_risk import __version__
from geo_risk.errors import GeoRiskError, Lang, Text, UsageError

COMMANDS = {
    "inspect": "geo_risk.cli.importing:inspect",
    "import": "geo_risk.cli.importing:import_command",
    "undo": "geo_risk.cli.importing:undo",
    "batches": "geo_risk.cli.importing:batches",
    "review": "geo_risk.cli.review:review",
    "export": "geo_risk.cli.data:export",
    "map": "geo_risk.cli.data:map_command",
    "gazetteer": "geo_risk.cli.places:gazetteer",
    "geocode": "geo_risk.cli.places:geocode",
    "datum": "geo_risk.cli.places:datum",
    "grade": "geo_risk.cli.grades:grade",
    "explain": "geo_risk.cli.grades:explain",
    "whatif": "geo_risk.cli.grades:whatif",
    "rollup": "geo_risk.cli.rolling:rollup",
    "ledger": "geo_risk.cli.ledger:ledger",
    "plan-inspections": "geo_risk.cli.ledger:plan_inspections",
    "assess": "geo_risk.cli.assessment:assess",
    "neighbours": "geo_risk.cli.neighbours:neighbours",
    "groups": "geo_risk.cli.groups:groups",
    "site": "geo_risk.cli.siting:site",
    "plans": "geo_risk.cli.plans:plans",
    "isochrone": "geo_risk.cli.roads:isochrone",
    "layers": "geo_risk.cli.about:layers",
    "doctor": "geo_risk.cli.about:doctor",
}
ENTRY_POINTS = "geo_risk.commands"
_UNSHOWN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def language() -> Lang:
    """The language of messages, `GEO_RISK_LANG`."""
    return "en" if os.environ.get("GEO_RISK_LANG", "").lower().startswith("en") else "zh"


class LazyGroup(click.Group):
    """Commands of this package by name, then those of the entry points `geo_risk.commands`."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All names, ours first."""
        from importlib.metadata import entry_points

        return [*COMMANDS, *sorted({e.name for e in entry_points(group=ENTRY_POINTS)})]

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name in COMMANDS:
            module, _, name = COMMANDS[cmd_name].partition(":")
            return getattr(import_module(module), name)  # type: ignore[no-any-return]
        from importlib.metadata import entry_points

        for entry in entry_points(group=ENTRY_POINTS, name=cmd_name):
            return entry.load()  # type: ignore[no-any-return]
        return None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="geo-risk")
@click.option("--db", help="GeoPackage 文件或 PostGIS 地址 / store: path or URL")
@click.option("--debug", is_flag=True, help="出错时显示调用栈 / show tracebacks")
@click.pass_context
def cli(context: click.Context, db: str | None, debug: bool) -> None:
    """城市安全风险一张图 / A city's safety risk map, offline.

    \b
    geo-risk demo
    geo-risk import 企业.xlsx --layer enterprises --datum gcj02
    """
    context.obj = {"db": db, "debug": debug}


def harmless(text: str) -> str:
    """Text for people: what would drive a terminal or turn the reading direction is shown as �."""
    if text.isprintable():
        return text
    return "".join(
        "\ufffd" if category(letter) in _UNSHOWN and letter not in "\n\t" else letter
        for letter in text
    )


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print for people; every command does it here, as names and cells come out of files."""
    click.echo(harmless(str(text)), nl=nl, err=err)


def report(value: Any) -> None:
    """Print a result as JSON on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _show(error: GeoRiskError, arguments: Sequence[str]) -> int:
    lang = language()
    if "--json" in arguments:
        report({"error": error.as_json(lang)})
    echo(error.say(lang), err=True)
    return error.exit_code


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; the process ends with 0 ok, 1 error, 2 usage, 3 some rows not stored."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = cli.main(given, prog_name="geo-risk", standalone_mode=False)
    except GeoRiskError as error:
        if "--debug" in given:
            raise
        status = _show(error, given)
    except click.exceptions.Abort:
        echo("已中断 / interrupted", err=True)
        status = 130
    except click.ClickException as error:
        if "--json" in given:
            words = error.format_message()
            fix = Text("见 --help", "See --help")
            report({"error": UsageError("usage", Text(words, words), fix=fix).as_json(language())})
        words_of_click = io.StringIO()
        error.show(words_of_click)
        echo(words_of_click.getvalue(), nl=False, err=True)
        status = error.exit_code
    except Exception as error:
        if "--debug" in given:
            raise
        inside = GeoRiskError(
            "internal",
            Text("内部错误", "Internal error"),
            got=type(error).__name__,
            fix=Text("用 --debug 重试并报告", "Run it again with --debug and report it"),
        )
        status = _show(inside, given)
    sys.exit(status if isinstance(status, int) else 0)
