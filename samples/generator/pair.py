"""One scope as two servers hold it, while it is being made: the split, and what conflicts add to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from generator.facts import Purpose
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease
from migrate.model.option import OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import ClientKind, Reservation, Scope
from migrate.model.server import Role


@dataclass(slots=True, kw_only=True)
class PairedScope:
    """`copies` is what each server has; `shares` the part of the pool each was meant to serve, where its leases lie: a conflict
    changes the copies and leaves the shares. The block next to `network`, of the same size, is free."""

    number: int
    site: str
    code: str
    purpose: Purpose
    network: IPv4Network
    never_served: AddressRange
    """At the start of the range, excluded on both servers."""
    copies: dict[Role, Scope]
    shares: dict[Role, AddressSet]
    leases: dict[Role, list[Lease]] = field(default_factory=lambda: {role: [] for role in Role})
    """Besides those of `lease_counts`: of reservations, and of conflicts."""
    lease_counts: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    first_client: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    _taken: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    _clients: int = 0

    @property
    def scope_id(self) -> IPv4Address:
        return self.network.network_address

    @property
    def is_active(self) -> bool:
        return all(copy.state.value == "Active" for copy in self.copies.values())

    def room(self, role: Role) -> AddressSet:
        """The share less the addresses handed out by `spare`."""
        last = self.shares[role].hull
        if last is None:
            return self.shares[role]
        kept = AddressSet.of_spans([(int(last.last) + 1 - self._taken[role], int(last.last) + 1)])
        return self.shares[role] - kept

    def spare(self, role: Role) -> IPv4Address:
        """An address of this server's share that nobody has, from its end."""
        hull = self.shares[role].hull
        if hull is None or self._taken[role] >= hull.address_count:
            raise ValueError(f"scope {self.scope_id} has no address left on the {role}")
        self._taken[role] += 1
        return hull.last + (1 - self._taken[role])

    def client(self) -> ClientId:
        """A client that appears nowhere else in the estate."""
        self._clients += 1
        return ClientId(b"\x00\x1c\x7f" + (self.number << 6 | self._clients).to_bytes(3, "big"))

    def change(self, role: Role, **changes: Any) -> None:
        self.copies[role] = replace(self.copies[role], **changes)

    def change_both(self, **changes: Any) -> None:
        for role in list(self.copies):
            self.change(role, **changes)

    def reserve(self, role: Role, address: IPv4Address, client_id: ClientId, name: str, *options: OptionValue) -> None:
        reservation = Reservation(
            ip_address=address, client_id=client_id, name=name, type=ClientKind.BOTH, option_values=tuple(options)
        )
        self.change(
            role, reservations=tuple(sorted((*self.copies[role].reservations, reservation), key=lambda r: int(r.ip_address)))
        )

    def set_option(self, role: Role, new: OptionValue) -> None:
        others = [value for value in self.copies[role].option_values if value.key != new.key]
        self.change(role, option_values=tuple(sorted((*others, new), key=lambda value: value.key)))

    def add_policy(self, role: Role, policy: Policy) -> None:
        policies = self.copies[role].policies or ()
        self.change(role, policies=(*policies, replace(policy, processing_order=len(policies) + 1)))

    def add_lease(self, role: Role, address: IPv4Address, client_id: ClientId, **fields: Any) -> None:
        self.leases[role].append(Lease(ip_address=address, scope_id=self.scope_id, client_id=client_id, **fields))

    def host_name(self, what: str) -> str:
        return f"{self.code}-{what}-{self.number}.{self.code.lower()}.corp.example"
