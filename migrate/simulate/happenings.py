"""What one event brought about, in the form the invariants read: requests of clients with their answers, and changes of state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from migrate.failover.bindings import Binding
from migrate.failover.codes import ServerState
from migrate.failover.effects import Answer, DhcpRequest
from migrate.model.server import Role


class Asked(NamedTuple):
    role: Role
    """The server that was asked."""
    state: ServerState
    """The state it was in."""
    since_s: int
    """Since when, by its own clock."""
    clock_s: int
    """Its own clock."""
    request: DhcpRequest
    before: Binding
    """What it had stored of the address in question before."""
    answer: Answer | None
    has_crashed: bool
    """It stopped before it was done with the request."""


class Move(NamedTuple):
    role: Role
    before: ServerState
    after: ServerState


@dataclass(slots=True)
class Happenings:
    asked: list[Asked] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    has_redistributed: bool = False
    """The primary has just brought the free pools to their ratio."""

    def clear(self) -> None:
        self.asked.clear()
        self.moves.clear()
        self.has_redistributed = False

    @property
    def is_empty(self) -> bool:
        return not (self.asked or self.moves or self.has_redistributed)
