"""What clients were really told: which address each may use, and until when by the one true clock of the world.

This is the observer's own book. No server sees it, and no server's table is believed in it.
"""

from __future__ import annotations

from typing import NamedTuple

from migrate.model.server import Role


class Promise(NamedTuple):
    client: bytes
    """Identity of the client."""
    until_s: int
    """The client stops using the address at this instant."""
    by: Role | None
    """None: given before the world began."""
    made_s: int


class Promises:
    __slots__ = ("_by_address",)

    def __init__(self) -> None:
        self._by_address: dict[int, dict[bytes, Promise]] = {}

    def make(self, address: int, promise: Promise) -> None:
        self._by_address.setdefault(address, {})[promise.client] = promise

    def end(self, address: int, client: bytes) -> None:
        """The client gave the address up; nothing happens when it did not have it."""
        self._by_address.get(address, {}).pop(client, None)

    def of(self, address: int, client: bytes, now: int) -> Promise | None:
        promise = self._by_address.get(address, {}).get(client)
        return promise if promise is not None and promise.until_s > now else None

    def others(self, address: int, client: bytes, now: int) -> list[Promise]:
        """Who else may use the address now, in the order in which they first came to it."""
        holders = self._by_address.get(address)
        if holders is None or (len(holders) == 1 and client in holders):
            return []
        return [promise for promise in holders.values() if promise.client != client and promise.until_s > now]
