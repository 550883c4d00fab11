"""Each story's command, exactly as its README prints it, gives what lies in `expected/`."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Unsplit

SAMPLES = Path(__file__).parents[2] / "samples"
STORIES = sorted(path.parent.name for path in SAMPLES.glob("*/source"))
STATUS = {"netsh-pair": 1}
"""The others are 0."""
COMPARED = ("plan.json", "leases.csv", "ledger.csv", "decisions.toml", "findings.json")
"""The import files are held against the plan by their own tests, the workbook is bytes."""


def command_of(story: str) -> list[str]:
    readme = (SAMPLES / story / "README.md").read_text("utf-8")
    block = re.search(r"```\n(unsplit migrate .*?)```", readme, re.DOTALL)
    assert block, f"{story}/README.md shows no command"
    return shlex.split(block[1].replace("\\\n", " "))[1:]


@pytest.fixture
def story_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "samples", ignore=shutil.ignore_patterns("expected", "__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("story", STORIES)
def test_the_story_ends_as_told(story: str, unsplit: Unsplit, story_folder: Path, expect: Callable[[Path, str], None]) -> None:
    run = unsplit(*command_of(story), dry_run=True)
    assert run.stderr == ""
    assert run.status == STATUS.get(story, 0)
    expect(SAMPLES / story / "expected" / "console.txt", run.stdout)
    for name in COMPARED:
        written = story_folder / "out" / name
        if written.exists():
            expect(SAMPLES / story / "expected" / name, written.read_bytes().decode())
    may_be_applied = run.status == 0
    for name in ("plan.json", "leases.csv", "windows"):
        assert (story_folder / "out" / name).exists() == may_be_applied
    assert (story_folder / "out" / "dry-run.json").exists() == may_be_applied
    assert {path.name for path in (SAMPLES / story / "expected").iterdir()} - {"console.txt"} <= set(COMPARED)


def test_the_netsh_pair_is_ready_once_its_reservation_is_decided(unsplit: Unsplit, story_folder: Path) -> None:
    readme = (SAMPLES / "netsh-pair" / "README.md").read_text("utf-8")
    answer = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert answer
    (story_folder / "answers.toml").write_text(answer[1], "utf-8")
    run = unsplit(*command_of("netsh-pair"), "--decisions", "answers.toml")
    assert run.status == 0, run.stderr
    plan = (story_folder / "out" / "plan.json").read_text("utf-8")
    assert "00-80-77-3a-10-c4" in plan
    assert "00-80-77-3a-10-c1" not in plan
