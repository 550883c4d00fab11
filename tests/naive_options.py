"""What a client receives, the slow way: write the levels over each other from the weakest to the strongest (section 9.2).

Written without a look at `migrate.merge.effective`; shares nothing with it. `ranking` is where the standards leave room: whether a
server's value for a user class goes after the plain values of the scope (`values`), or, being a policy of its level in disguise,
right after that level's policies (`policies`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import chain, combinations

from migrate.model.client_id import ClientId
from migrate.model.option import OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import Scope
from migrate.model.server import Server

RANKINGS = ("values", "policies")
Got = dict[tuple[int, str], tuple[str, ...]]


@dataclass(frozen=True)
class Client:
    scope_id: IPv4Address
    client_id: ClientId | None
    user_class: str
    matches: frozenset[tuple[str, str]]
    """("scope" or "server", policy name in lower case)."""


def naive_answer(server: Server, client: Client, ranking: str = "values") -> Got:
    scope = next(scope for scope in server.scopes if scope.scope_id == client.scope_id)
    enforced = not any(s.name == "ActivatePolicies" and s.value == "false" for s in server.settings)
    server_policies = server.policies if enforced and server.policies else ()
    scope_policies = scope.policies if enforced and scope.activate_policies is not False and scope.policies else ()
    lease = [] if scope.lease_duration is None else [OptionValue(option_id=51, values=(lease_seconds(scope),))]

    server_class = of_class(server.option_values, server.policies, client)
    scope_class = of_class(scope.option_values, scope.policies, client)
    server_rules = list(of_policies("server", server_policies, client))
    scope_rules = list(of_policies("scope", scope_policies, client))
    layers = [[OptionValue(option_id=81, values=("5",))], plain(server.option_values)]
    if ranking == "values":
        layers += [server_class, plain(scope.option_values), lease, scope_class, *server_rules, *scope_rules]
    else:
        layers += [plain(scope.option_values), lease, server_class, *server_rules, scope_class, *scope_rules]
    for reservation in scope.reservations:
        if reservation.client_id == client.client_id:
            layers += [plain(reservation.option_values), of_class(reservation.option_values, (), client)]
    got: Got = {}
    for layer in layers:
        for value in layer:
            got[value.option_id, value.vendor_class.casefold()] = value.values
    return got


def lease_seconds(scope: Scope) -> str:
    return str(min(int(scope.lease_duration.total_seconds()), 0xFFFFFFFF))


def plain(values: tuple[OptionValue, ...]) -> list[OptionValue]:
    return [value for value in values if value.user_class == ""]


def of_class(values: tuple[OptionValue, ...], policies: tuple[Policy, ...] | None, client: Client) -> list[OptionValue]:
    if not client.user_class:
        return []
    disguised = [p for p in policies or () if p.enabled and is_disguised(p) and p.name.casefold() == client.user_class]
    shown = [value for policy in disguised for value in policy.option_values]
    return shown + [value for value in values if value.user_class.casefold() == client.user_class]


def is_disguised(policy: Policy) -> bool:
    asks = [(c.field, c.operator, c.values) for c in policy.conditions]
    return asks == [("UserClass", "EQ", (policy.name,))] and not policy.ip_ranges and not policy.dns_suffix


def of_policies(level: str, policies: tuple[Policy, ...], client: Client) -> Iterator[list[OptionValue]]:
    """The last in order comes first, to be overwritten."""
    for policy in sorted(policies, key=lambda policy: policy.processing_order, reverse=True):
        if policy.enabled and not is_disguised(policy) and (level, policy.name.casefold()) in client.matches:
            yield plain(policy.option_values)
            if client.user_class:
                yield [value for value in policy.option_values if value.user_class.casefold() == client.user_class]


def every_client(*servers: Server) -> list[Client]:
    """All combinations of reservation, class and policies, of the scopes that stand on any of the servers."""
    found: dict[Client, None] = {}
    for scope_id in sorted({scope.scope_id for server in servers for scope in server.scopes}):
        copies = [scope for server in servers for scope in server.scopes if scope.scope_id == scope_id]
        named = {("server", p.name.casefold()) for server in servers for p in server.policies or () if not is_disguised(p)}
        named |= {("scope", p.name.casefold()) for copy in copies for p in copy.policies or () if not is_disguised(p)}
        holders = [*servers, *copies, *(p for s in (*servers, *copies) for p in s.policies or ())]
        holders += [reservation for copy in copies for reservation in copy.reservations]
        classes = {v.user_class.casefold() for holder in holders for v in holder.option_values}
        classes |= {p.name.casefold() for s in (*servers, *copies) for p in s.policies or () if is_disguised(p)}
        clients = [None, *sorted({r.client_id for copy in copies for r in copy.reservations})]
        subsets = chain.from_iterable(combinations(sorted(named), size) for size in range(len(named) + 1))
        for matches in map(frozenset, subsets):
            for user_class in sorted(classes | {""}):
                for client_id in clients:
                    found[Client(scope_id, client_id, user_class, matches)] = None
    return list(found)
