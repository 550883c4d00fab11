"""The network between the two partners: which message arrives, when, and how often.

A link carries octets and knows nothing of what they say. Failover runs over TCP, so losing a message for good means losing the
connection: `loss_probability` is the chance that a message is the one with which TCP gives up. Duplication and reordering cannot
happen within one TCP connection; they are here because an endpoint must survive a broken middle box.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from migrate.model.server import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFaults:
    """What is wrong with the network. Nothing, by default: every message arrives once, in order, in the same second."""

    loss_probability: float = 0.0
    """Of each message: it never arrives, and both ends find their connection reset."""
    delay_min_s: int = 0
    delay_max_s: int = 0
    """Each message takes a whole number of seconds, both ends included; messages of one direction stay in order."""
    duplication_probability: float = 0.0
    """Of each message: it arrives a second time, right behind the first."""
    reordering_probability: float = 0.0
    """Of each message: it is held back by `delay_max_s` + 1 seconds and may be overtaken."""
    silent_from: tuple[Role, ...] = ()
    """Partition: nothing that these partners send arrives, and nobody is told. One role is a one-way, both a two-way partition."""

    def __post_init__(self) -> None:
        for name in ("loss_probability", "duplication_probability", "reordering_probability"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, which is not between 0 and 1")
        if not 0 <= self.delay_min_s <= self.delay_max_s:
            raise ValueError(f"a delay of {self.delay_min_s} to {self.delay_max_s} s makes no sense")

    @property
    def is_partitioned(self) -> bool:
        return bool(self.silent_from)


NO_FAULTS = LinkFaults()


class Direction:
    """The messages of one partner to the other on one connection. Each world has a generator a direction, so that a new client
    does not shift the draws of a link."""

    __slots__ = ("_draw", "_last_s", "sender")

    def __init__(self, sender: Role, seed: int) -> None:
        self.sender = sender
        self._draw = Random(f"{seed}:link from {sender}").random
        self._last_s = 0

    def arrivals(self, faults: LinkFaults, now: int) -> tuple[int, ...] | None:
        """The instants at which a message sent now arrives: none when it is swallowed; None when the connection breaks on it."""
        if self.sender in faults.silent_from:
            return ()
        if faults.loss_probability and self._draw() < faults.loss_probability:
            return None
        at = now + faults.delay_min_s
        spread_s = faults.delay_max_s - faults.delay_min_s
        if spread_s:
            at += int(self._draw() * (spread_s + 1))
        at = max(at, self._last_s)
        if faults.reordering_probability and self._draw() < faults.reordering_probability:
            at = now + faults.delay_max_s + 1
        else:
            self._last_s = at
        if faults.duplication_probability and self._draw() < faults.duplication_probability:
            return at, at
        return (at,)

    def reset(self) -> None:
        """A new connection: nothing of the old one stands in its way."""
        self._last_s = 0
