"""Decisions: every conflict that a person may settle, with the values to choose from and what speaks for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from migrate.model.origin import Origin


class DecidedBy(StrEnum):
    OPEN = ""
    """Nobody: no safe default, so the migration is blocked."""
    DEFAULT = "default"
    PREFER = "prefer"
    """By --prefer on the command line."""
    PERSON = "person"
    """By an answer in decisions.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`id` is stable from run to run: rule, scope and object. `alternatives` maps each possible choice to what it means."""

    id: str
    rule: str
    object: str
    alternatives: Mapping[str, str]
    default: str
    """A key of `alternatives`, or empty where no choice is safe."""
    choice: str
    """The alternative in force: the answer, or the default; empty while open."""
    decided_by: DecidedBy
    evidence: str
    scope_id: IPv4Address | None = None
    places: tuple[Origin, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.choice
