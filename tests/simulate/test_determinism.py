"""Same seed, same transcript: in another process, and whatever the hash seed of that process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from migrate.simulate.scenario import played

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "tests" / "scenarios" / "bad-network.txt"
PROGRAM = (
    "import hashlib, pathlib, sys; from migrate.simulate.scenario import played; "
    "print(hashlib.sha256(played(pathlib.Path(sys.argv[1]).read_text('utf-8')).encode()).hexdigest())"
)


def test_transcript_does_not_depend_on_the_hash_seed() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(SCENARIO)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1", "4242")
    }
    assert digests == {hashlib.sha256(played(SCENARIO.read_text("utf-8")).encode()).hexdigest()}


def test_another_seed_is_another_history() -> None:
    text = SCENARIO.read_text("utf-8")
    assert played(text) == played(text)
    assert played(text.replace("estate ", "estate seed=2 ", 1)).splitlines()[2:] != played(text).splitlines()[2:]
