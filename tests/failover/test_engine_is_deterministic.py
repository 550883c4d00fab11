"""The same inputs give the same effects, whatever PYTHONHASHSEED is; and the engine reads no clock and no socket (style.md)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import migrate.failover

TESTS = Path(__file__).parent.parent
PACKAGE = Path(migrate.failover.__file__).parent
SCRIPT = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/failover"]
from test_random_histories import History, WINDOWS, DRAFT, FailoverMode
from hashlib import sha256
digest = sha256()
for dialect in (WINDOWS, DRAFT):
    history = History(7, dialect, FailoverMode.LOAD_BALANCE)
    for _ in range(60):
        history.step()
    for partner in history.pair.partners:
        for effect in partner.effects:
            digest.update(repr(effect).encode())
print(digest.hexdigest())
"""


def test_effects_do_not_depend_on_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(TESTS)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(printed) == 1
    assert len(printed.pop().strip()) == 64


FORBIDDEN = ("asyncio", "datetime", "os", "random", "secrets", "select", "socket", "threading", "time", "uuid")


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_engine_has_no_clock_no_chance_and_no_network(path: Path) -> None:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])
    assert sorted(modules & set(FORBIDDEN)) == []
