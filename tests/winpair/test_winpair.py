"""The simulated servers behave as the table in the README says, and their cmdlets bind as documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from powershell_runner import powershell_program

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "emit" / "dhcpserver-cmdlets.json"
sys.path[:0] = [folder for folder in (str(HERE), str(HERE / "behaviour"), str(HERE / "tools")) if folder not in sys.path]

import gen_cmdlets  # noqa: E402
import pair  # noqa: E402
from winpairlib import build, state  # noqa: E402


def play(script: str, work: Path, **environment: str) -> str:
    path = work / "play.ps1"
    path.write_text(script, encoding="utf-8")
    variables = {**os.environ, "PSModulePath": str(HERE / "modules"), "TZ": "Europe/Berlin", "LAB_SLEEP_SCALE": "0", **environment}
    command = [powershell_program(), "-NoProfile", "-NonInteractive", "-File", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=variables, timeout=120, check=False, encoding="utf-8")
    return done.stdout + done.stderr


def test_generated_cmdlets_are_what_the_table_says(tmp_path: Path) -> None:
    module = tmp_path / "DhcpServer"
    shutil.copytree(HERE / "modules" / "DhcpServer", module)
    gen_cmdlets.main(TABLE, module)
    for path in sorted(module.rglob("*.ps*1")):
        assert path.read_text("utf-8") == (HERE / "modules" / "DhcpServer" / path.relative_to(module)).read_text("utf-8"), path.name


@pytest.mark.pwsh
def test_every_cmdlet_binds_as_documented(tmp_path: Path) -> None:
    assert "signatures: 0" in play(f"& '{HERE}/behaviour/signatures.ps1' -Json '{TABLE}'", tmp_path)


@pytest.mark.pwsh
def test_behaviour(tmp_path: Path) -> None:
    one, two = pair.write_pair(tmp_path)
    made = build.build(str(one), str(two), gap=0)
    made["lab"]["config"].update(startClock=made["lab"]["clock"], maxSeconds=14 * 86_400)
    state.save(tmp_path / "state.json", made)
    script = f"Import-Module WindowsLab\n& '{HERE}/behaviour/behaviour.ps1' -Work '{tmp_path}'\n"
    output = play(script, tmp_path, WINPAIR_STATE=str(tmp_path / "state.json"))
    assert re.findall(r"(?m)^not ok .*", output) == []
    assert len(re.findall(r"(?m)^ok ", output)) >= 120, output[-2000:]
