"""What the README says is what the program does."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from commands import Unsplit

from migrate import __version__
from migrate.checks import PAGES
from migrate.cli import cli
from migrate.failover.states import state_diagram

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMMANDS = sorted(cli.commands)


def with_generated_parts(text: str) -> str:
    for name, content in (("state diagram", f"```mermaid\n{state_diagram()}\n```"), ("rules", rule_table())):
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        assert after, f"README.md has no place for the {name}"
        text = f"{before}{begin}{content.rstrip()}\n{end}{after}"
    return text


def rule_table() -> str:
    lines = ["| rule | number | severity | what it finds |", "|---|---|---|---|"]
    for page in sorted(PAGES, key=lambda page: (page.NUMBER is None, page.NUMBER or "", page.ID)):
        title = (page.__doc__ or "").strip().splitlines()[0].replace("|", "\\|")
        lines.append(f"| `{page.ID}` | {page.NUMBER or ''} | {page.SEVERITY.word} | {title} |")
    return "\n".join(lines)


def test_generated_parts_of_the_readme_are_fresh(expect: Callable[[Path, str], None]) -> None:
    expect(README, with_generated_parts(README.read_text("utf-8")))


def test_the_first_two_commands_are_the_main_job_and_the_tests() -> None:
    blocks = re.findall(r"```\n(python3 .*?)\n```", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    assert "unsplit migrate samples/split-80-20" in blocks[0]
    assert "pytest" in blocks[1]
    assert all("\n" not in block for block in blocks)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_and_stands_in_the_readme(name: str, unsplit: Unsplit) -> None:
    run = unsplit(name, "--help")
    assert run.status == 0
    assert "Examples:" in run.stdout
    assert f"unsplit {name}" in README.read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_has_help(name: str) -> None:
    for parameter in cli.commands[name].params:
        assert not isinstance(parameter, click.Option) or parameter.help, f"{name} {parameter.name}"


def test_files_named_in_the_readme_exist() -> None:
    text = README.read_text("utf-8")
    for name in re.findall(r"`((?:migrate|parsers|reports|tests|samples)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


def test_one_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == __version__
