"""Every wait of the live tests is bounded, and says what it waited for."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(what: str, is_so: Callable[[], object], timeout_s: float = 15) -> None:
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s} s for {what}")
        time.sleep(0.05)
