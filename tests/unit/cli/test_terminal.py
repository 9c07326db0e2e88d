"""What comes out of files is shown, never obeyed: not by a terminal, not by a shell."""

from __future__ import annotations

import shlex

import pytest

from geo_risk.cli import main
from geo_risk.cli.main import harmless
from geo_risk.services.commands import shell


@pytest.mark.parametrize(
    "driver",
    [
        *(
            "\x1b[2J",
            "\x1b]0;title\x07",
            "\x9b31m",
            "\x7f",
            "\r",
            "\b",
            "\u202e",
            "\u2066",
            "\u200f",
        ),
        *("\ufeff", "\u2028", "\udcff"),
    ],
)
def test_no_text_drives_the_terminal(driver):
    shown = harmless(f"甲{driver}乙")
    assert "\ufffd" in shown
    assert shown[0] + shown[-1] == "甲乙"
    assert not set(driver) & set(shown) - set("[2J]0;title31m")


def test_ordinary_text_is_left_alone():
    text = "第 1 行\t名称　甲（乙）\n\u3000𠮷\ue000 é"
    assert harmless(text) == text


@pytest.mark.parametrize("arguments", [["import", "x\x1b[2J.csv", "--layer", "a"], ["\x1b[2Jx"]])
def test_an_error_quotes_a_name_harmlessly(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(arguments)
    err = capsys.readouterr().err
    assert err
    assert "\x1b" not in err


@pytest.mark.parametrize("header", ["经度($(touch pwn))", "a`id`", "it's", "a b", "-x; rm", "!x"])
def test_a_printed_command_says_the_same_to_a_shell(header):
    line = shell("geo-risk", "import", "--map", f"{header}=lonlat")
    assert shlex.split(line) == ["geo-risk", "import", "--map", f"{header}=lonlat"]
    assert f"'{header.split(chr(39))[0]}" in line
