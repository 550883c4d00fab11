"""What tests say about running the command; the fixtures are in conftest.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Run:
    status: int
    stdout: str
    stderr: str


Unsplit = Callable[..., Run]
"""The fixture `unsplit`: `unsplit("audit", path).status`."""


@contextmanager
def without_privileges() -> Iterator[None]:
    """As nobody, when the tests run as root, who may read and write everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
