"""Every scenario of tests/scenarios plays as it is written down. `pytest --rewrite` writes the transcripts anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.simulate.commands import COMMANDS, CommandError
from migrate.simulate.scenario import INDENT, played

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_plays_as_written(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.read_text("utf-8")
    actual = played(expected)
    if request.config.getoption("--rewrite"):
        path.write_text(actual, encoding="utf-8", newline="\n")
    else:
        assert actual == expected


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_says_what_it_is_about(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# ")


def test_every_command_is_played_somewhere() -> None:
    lines = [line for path in SCENARIOS for line in path.read_text("utf-8").splitlines()]
    assert {line.split()[0] for line in lines if line and not line.startswith((INDENT, "#"))} == {"estate", *COMMANDS}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("start", "line 1: the first command must be: estate"),
        ("estate\nstart\nbegin", "line 3: unknown command 'begin'"),
        ("estate colour=blue", "line 1: unknown settings of an estate: colour"),
        ("estate\nrun 3 weeks", "line 2: not a duration"),
        ("estate\nrun", "line 2: not a duration"),
        ("estate\nstart\ncrash tertiary", "line 3: primary or secondary expected"),
        ("estate\nstart\ncrash primary after", "line 3: something must follow 'after'"),
        ("estate\nstart\ncrash primary after x", "line 3: a number expected, not 'x'"),
        ("estate\ncrash primary", "line 2: the primary is down already"),
        ("estate\nstart\nrestart primary", "line 3: the primary is up already"),
        ("estate\npartner-down primary", "line 2: the primary is down"),
        ("estate\nclock primary 5min", "line 2: how much fast"),
        ("estate\nfaults rain=1", "line 2: no such fault"),
        ("estate\nfaults loss=2", "line 2: loss_probability is 2.0"),
        ("estate\nfaults delay=5-3", "line 2: a delay of 5 to 3 s"),
        ("estate\nclient 1 explodes", "line 2: client NUMBER and one of boots"),
    ],
    ids=lambda value: value.replace("\n", "; ") if isinstance(value, str) else None,
)
def test_what_is_no_command_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint.replace("(", r"\(")):
        played(text)
