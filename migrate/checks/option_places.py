"""Every option value of a server with the place it stands at, and which value holds in a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from migrate.model.option import OptionKey, OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import Scope
from migrate.model.server import Server


@dataclass(frozen=True, slots=True)
class PlacedValue:
    value: OptionValue
    level: str
    """`the server`, `scope 10.20.0.0`, `reservation 10.20.0.50`, `policy Phones`."""
    scope_id: IPv4Address | None = None


def every_option_value(server: Server, leaves_out: Callable[[IPv4Address], bool] = lambda _: False) -> Iterator[PlacedValue]:
    """Of the server and of every scope, reservation and policy; scopes that are left out are passed over."""
    for value in server.option_values:
        yield PlacedValue(value, "the server")
    yield from _of_policies(server.policies or (), None)
    for scope in server.scopes:
        if not leaves_out(scope.scope_id):
            yield from _of_scope(scope)


def effective_option(scope: Scope, server: Server, option_id: int) -> OptionValue | None:
    """What a client of no class and without a policy or reservation gets: the scope's value, or the server's."""
    for value in (*scope.option_values, *server.option_values):
        if value.key == OptionKey(option_id):
            return value
    return None


def _of_scope(scope: Scope) -> Iterator[PlacedValue]:
    for value in scope.option_values:
        yield PlacedValue(value, f"scope {scope.scope_id}", scope.scope_id)
    yield from _of_policies(scope.policies or (), scope.scope_id)
    for reservation in scope.reservations:
        for value in reservation.option_values:
            yield PlacedValue(value, f"reservation {reservation.ip_address}", scope.scope_id)


def _of_policies(policies: tuple[Policy, ...], scope_id: IPv4Address | None) -> Iterator[PlacedValue]:
    for policy in policies:
        for value in policy.option_values:
            yield PlacedValue(value, f"policy {policy.name}", scope_id)
