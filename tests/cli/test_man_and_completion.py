"""The manual page holds everything that --help does, as roff that groff accepts; shells complete."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from commands import Unsplit

from migrate.cli import cli
from migrate.cli.man import man_page

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(cli.commands)
groff_only = pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
bash_only = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def rendered(page: str) -> str:
    """As a reader sees it on a very wide terminal; fails on any warning of groff."""
    arguments = ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=4000n"]
    run = subprocess.run(arguments, input=page.encode(), capture_output=True, check=True)
    assert run.stderr == b""
    return re.sub(r"\s+", " ", run.stdout.decode()).replace("‐ ", "")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\b", " ")).strip()


@groff_only
@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_example_stands_in_the_page(name: str) -> None:
    page = rendered(man_page(cli))
    command = cli.commands[name]
    assert squeezed(command.help or "") in page
    assert "Examples:" in (command.help or "")
    for option in (parameter for parameter in command.params if isinstance(parameter, click.Option)):
        assert max(option.opts, key=len) in page
        assert squeezed(option.help or "") in page


@groff_only
def test_text_cannot_become_a_request_or_an_escape() -> None:
    hostile = ".SH not a request\n\n'br \\fBnot bold\\fR --a-b `c' ~ ^ \\n(.x"

    @click.group(help="A title")
    def root() -> None: ...

    root.add_command(click.Command("play", help=hostile, params=[click.Option(["--x"], help=".so /etc/passwd")]))
    page = rendered(man_page(root))
    for literal in (".SH not a request", "'br \\fBnot bold\\fR --a-b `c' ~ ^ \\n(.x", ".so /etc/passwd"):
        assert literal in page


def test_the_page_is_the_same_every_time(unsplit: Unsplit) -> None:
    run = unsplit("man")
    assert run.status == 0
    assert run.stdout == man_page(cli) + "\n"
    assert run.stdout.startswith(".TH UNSPLIT 1 ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_the_program(shell: str, unsplit: Unsplit) -> None:
    run = unsplit("completion", shell)
    assert run.status == 0
    assert f"_UNSPLIT_COMPLETE={shell}_complete" in run.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The program, by its name."""
    program = tmp_path / "bin" / "unsplit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m migrate "$@"\n')
    program.chmod(0o755)
    return program


@bash_only
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["mig"], ["migrate"], id="a command"),
        pytest.param(["audit", "--fail"], ["--fail-on"], id="an option"),
        pytest.param(["migrate", "--mode", ""], ["load-balance", "hot-standby"], id="values"),
        pytest.param(["completion", "z"], ["zsh"], id="an argument"),
    ],
)
def test_bash_completes(words: list[str], expected: list[str], installed: Path, tmp_path: Path) -> None:
    line = " ".join(f"'{word}'" for word in ["unsplit", *words])
    script = (
        f"source <(unsplit completion bash)\nCOMP_WORDS=({line})\nCOMP_CWORD={len(words)}\n_unsplit_completion unsplit\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environment = {**os.environ, "PATH": f"{installed.parent}:{os.environ['PATH']}"}
    run = subprocess.run(["bash", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.split() == expected
