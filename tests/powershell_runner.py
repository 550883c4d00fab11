"""Finds PowerShell 7 for the tests that need the real engine. Where CI=true its absence is an error."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def powershell_program() -> str:
    """The path of the program; skips the test where there is none."""
    program = os.environ.get("UNSPLIT_PWSH") or shutil.which("pwsh")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no pwsh on PATH and no UNSPLIT_PWSH")
        pytest.skip("no pwsh on PATH and no UNSPLIT_PWSH")
    return program


def run_powershell(script: str, work: Path) -> str:
    """Runs the script text and gives its output; fails on any error it reports."""
    path = work / "test.ps1"
    path.write_text("$ErrorActionPreference = 'Stop'\n" + script, "utf-8-sig")
    command = [powershell_program(), "-NoProfile", "-NonInteractive", "-File", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, encoding="utf-8")
    assert done.returncode == 0 and not done.stderr, done.stderr + done.stdout
    return done.stdout
