"""Phrases that several tables share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import numpy as np

from migrate.merge.result import MergeResult
from migrate.model.lease_text import utc_texts
from migrate.model.origin import Origin
from migrate.model.server import Role
from migrate.model.timespan import UNLIMITED, format_timespan


def role_heading(result: MergeResult, role: Role) -> str:
    """`primary dhcp01`: the role, and the name the server goes by."""
    name = result.sources[role].server.name if role in result.sources else ""
    return f"{role.value} {name}" if name else role.value


def utc_text(epoch_s: int) -> str:
    return utc_texts(np.array([epoch_s], np.int64), " ")[0].replace("Z", " UTC")


def duration_text(duration: timedelta | None) -> str | None:
    if duration is None:
        return None
    return "unlimited" if duration >= UNLIMITED else format_timespan(duration)


def places_text(places: Iterable[Origin]) -> str:
    return ", ".join(map(str, places))


def place_text(origin: Origin | None) -> str:
    return str(origin) if origin else ""
