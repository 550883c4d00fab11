"""The servers as they were read beside the target, and how they compare."""

from __future__ import annotations

from collections.abc import Sequence

from migrate.merge.result import MergeResult
from migrate.model.server import Server
from reports.tables.words import role_heading


def sides_of(result: MergeResult) -> list[tuple[str, Server]]:
    """The servers as read, and the target last."""
    read = [(role_heading(result, role), source.server) for role, source in result.sources.items()]
    return [*read, ("target", result.target.server)]


def compared(result: MergeResult, values: Sequence[object]) -> str:
    """What tells the sides apart; None stands for a side that does not have it, and the target comes last."""
    *read, target = values
    if all(value is None for value in read):
        return "only in the target"
    if len(read) == 1:
        return "kept" if read[0] == target else "changed"
    if None in read:
        return next(role.value for role, value in zip(result.sources, read, strict=True) if value is not None) + " only"
    return "equal" if read[0] == read[1] else "differs"
