"""The commands of a live partner, one a line: its operator's, and those of the clients that only exist here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from migrate.failover.bindings import Client
from migrate.failover.effects import Answer, DhcpRequest, Order, ReplyKind, RequestKind, ResetAddress
from migrate.live.journal import octets
from migrate.live.peer import Peer
from migrate.live.transcript import overview

HELP = """commands on standard input, one a line; the end of the input ends the partner:
  lease CLIENT [SCOPE-ID]   DISCOVER, and REQUEST of what is offered; in the first scope unless another is named
  renew CLIENT ADDRESS      REQUEST, rebinding
  release CLIENT ADDRESS
  decline CLIENT ADDRESS
  reset ADDRESS             make an address free again
  partner-down | pause | shut-down | rebalance
  cut | heal                close the connection and have none, until healed
  show                      state and bindings
  quit
A client is a MAC address, or MAC/IDENTIFIER with its DHCP option 61, both in hexadecimal.
"""
_ORDERS = {
    "partner-down": Order.PARTNER_DOWN,
    "pause": Order.PAUSE,
    "shut-down": Order.SHUT_DOWN,
    "rebalance": Order.REBALANCE,
}
_ETHERNET = b"\x01"


class Console:
    def __init__(self, peer: Peer, report: Callable[[dict[str, Any]], None]) -> None:
        self._peer = peer
        self._report = report
        self._commands: dict[str, Callable[..., None]] = {
            "lease": self._lease,
            "renew": partial(self._ask, RequestKind.REBINDING),
            "release": partial(self._ask, RequestKind.RELEASE),
            "decline": partial(self._ask, RequestKind.DECLINE),
            "reset": self._reset,
            "cut": peer.cut,
            "heal": peer.heal,
            "show": lambda: report(overview(peer.endpoint)),
            "quit": peer.stop,
            **{name: partial(self._order, order) for name, order in _ORDERS.items()},
        }

    def obey(self, line: str) -> None:
        """A line that makes no sense is reported; an empty one is nothing."""
        name, *arguments = line.split() or ("",)
        if not name:
            return
        command = self._commands.get(name, _no_command)
        try:
            inspect.signature(command).bind(*arguments)
            command(*arguments)
        except (TypeError, ValueError) as error:
            self._report({"event": "error", "line": line.strip(), "reason": str(error)})

    def _order(self, order: Order) -> None:
        self._peer.submit(order)

    def _reset(self, address: str) -> None:
        self._peer.submit(ResetAddress(int(IPv4Address(address))))

    def _ask(self, kind: RequestKind, client: str, address: str) -> None:
        number = int(IPv4Address(address))
        self._peer.submit(DhcpRequest(kind, _client(client), link=number, address=number))

    def _lease(self, client: str, scope_id: str = "") -> None:
        configuration = self._peer.endpoint.configuration
        link = int(IPv4Address(scope_id)) if scope_id else configuration.scopes[0].scope_id
        asking = _client(client)
        offer = self._answer(DhcpRequest(RequestKind.DISCOVER, asking, link))
        if offer is not None and offer.kind is ReplyKind.OFFER:
            self._peer.submit(DhcpRequest(RequestKind.SELECTING, asking, link, offer.address, configuration.server_id))

    def _answer(self, request: DhcpRequest) -> Answer | None:
        return next((effect for effect in self._peer.submit(request) if isinstance(effect, Answer)), None)


def _no_command(*_: str) -> None:
    raise ValueError("no such command")


def _client(words: str) -> Client:
    mac, has_identifier, identifier = words.partition("/")
    return Client(_ETHERNET + octets(mac), octets(identifier) if has_identifier else None)
