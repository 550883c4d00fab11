"""The pair of each live test. Without dhcpd or namespaces the tests are skipped; where CI=true that is an error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_pair import LivePair, live_pair
from namespaces import two_hosts

from migrate.model.server import Role


def missing() -> str | None:
    for program in ("dhcpd", "omshell", "ip"):
        if shutil.which(program) is None:
            return f"no {program} on PATH"
    try:
        with two_hosts("10.77.0.1/24", "10.77.0.2/24"):
            return None
    except OSError as error:
        return str(error)


@pytest.fixture(scope="session")
def dhcpd_program() -> str:
    reason = missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return str(shutil.which("dhcpd"))


@pytest.fixture(params=list(Role), ids=lambda role: f"engine-is-{role}")
def pair(request: pytest.FixtureRequest, tmp_path: Path, dhcpd_program: str) -> Iterator[LivePair]:
    with live_pair(request.param, tmp_path, dhcpd_program) as pair:
        yield pair
        assert pair.engine.log == "", "the engine had something to complain of"
