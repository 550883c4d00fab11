"""Plays a runbook on the simulated pair (tests/winpair) and gives the judgement."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from powershell_runner import powershell_program

ROOT = Path(__file__).resolve().parent.parent.parent
WINPAIR = ROOT / "tests" / "winpair"
sys.path[:0] = [folder for folder in (str(WINPAIR),) if folder not in sys.path]

from winpairlib import state  # noqa: E402

QUIET = ("--param", "*:Force", "--param", "*:NoSharedSecret")
CLIENTS = ("--late", "4", "--renewals", "86400")
"""New clients on the partner before the freeze, and every renewal that falls into the night."""


@dataclass(frozen=True, slots=True)
class Played:
    work: Path
    report: dict[str, Any]

    @property
    def exits(self) -> dict[str, int]:
        return {row["script"]: row["exit"] for row in self.report["scripts"]}

    @property
    def broken(self) -> dict[str, Any]:
        """What the judge found, by invariant."""
        found = self.report["judgement"]["invariants"]
        return {name: check["first_counterexample"] for name, check in found.items() if not check["ok"]}

    @property
    def initial(self) -> dict[str, Any]:
        return state.load(self.work / "initial.json")  # type: ignore[no-any-return]

    @property
    def final(self) -> dict[str, Any]:
        return state.current(self.work / "state.json")  # type: ignore[no-any-return]

    def differences(self, *, leases: bool = True) -> list[str]:
        """Between the servers before and after."""
        return state.compare(self.initial, self.final, leases=leases)  # type: ignore[no-any-return]

    def text(self, name: str) -> str:
        """A file that the scripts left in run/."""
        return (self.work / "runbook" / "run" / name).read_text("utf-8")


def migrate(primary: Path, secondary: Path, out: Path, *options: str) -> Path:
    """The folder windows/ that the tool writes for this pair."""
    command = [sys.executable, "-m", "migrate", "migrate", str(primary), str(secondary), "--out", str(out), "--quiet", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "windows"


def play(primary: Path, secondary: Path, scripts: Path, work: Path, *arguments: str, options: Sequence[str] = QUIET) -> Played:
    command = [sys.executable, str(WINPAIR / "winpair-run"), "--engine", powershell_program(), "--json", "--work", str(work)]
    command += ["--primary", str(primary), "--secondary", str(secondary), "--scripts", str(scripts), *options, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.stdout, done.stderr
    return Played(work, json.loads(done.stdout))
