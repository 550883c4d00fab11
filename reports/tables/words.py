"""Phrases that several tables share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from migrate.merge.result import MergeResult
from migrate.model.origin import Origin
from migrate.model.server import Role, Source
from migrate.model.timespan import UNLIMITED, format_timespan


def role_heading(result: MergeResult, role: Role) -> str:
    """`primary dhcp01`: the role, and the name the server goes by."""
    name = result.sources[role].server.name if role in result.sources else ""
    return f"{role.value} {name}" if name and name.casefold() != role.value else role.value


def duration_text(duration: timedelta | None) -> str | None:
    if duration is None:
        return None
    return "unlimited" if duration >= UNLIMITED else format_timespan(duration)


class Places:
    """Origins by file name alone, as long as no two inputs share theirs; sheet Sources has the whole paths."""

    def __init__(self, sources: Iterable[Source]) -> None:
        paths = sorted({path for source in sources for path in (source.path, *(path for path, _ in source.lease_paths))})
        names = Counter(map(_file_name, paths))
        self._names = {path: _file_name(path) for path in paths if names[_file_name(path)] == 1}

    def text(self, places: Iterable[Origin | None]) -> str:
        known = (place for place in places if place is not None)
        return ", ".join(str(replace(place, path=self._names.get(place.path, place.path))) for place in known)


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
