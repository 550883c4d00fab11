"""The DHCP side of one partner: who is answered and for how long (RFC 2131 section 4.3; D12 section 9; EXA).

In every state the table `states.SERVICE` says whom the server may answer; in NORMAL the client's hash bucket decides between the
partners. A lease is stored before it is answered, and the partner hears of it afterwards. Which address it is, is decided in
`allocation`.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from migrate.failover import balance, bindings
from migrate.failover.allocation import Allocation
from migrate.failover.bindings import ACTIVE, Binding, BindingEvent, Client, same_client
from migrate.failover.codes import ServerState
from migrate.failover.configuration import ScopeConfiguration
from migrate.failover.core import Core
from migrate.failover.dialect import HashKey
from migrate.failover.effects import Answer, DhcpRequest, ReplyKind, RequestKind
from migrate.failover.notes import NOT_OUR_CLIENT, POOL_EXHAUSTED, SILENT
from migrate.failover.policies import matching_policies
from migrate.failover.reintegration import Reintegration
from migrate.failover.states import SERVICE, UNSETTLED
from migrate.model.policy import Policy
from migrate.model.server import Role

CUT_OFF = (ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.PARTNER_DOWN, ServerState.RESOLUTION_INTERRUPTED)
ENDS_LEASES = (ServerState.NORMAL, ServerState.CONFLICT_DONE, *CUT_OFF)
_SILENCING = (
    ServerState.PARTNER_DOWN,
    ServerState.POTENTIAL_CONFLICT,
    ServerState.CONFLICT_DONE,
    ServerState.RESOLUTION_INTERRUPTED,
)
_RENEWALS = (RequestKind.RENEWING, RequestKind.REBINDING)


class Service:
    __slots__ = ("_allocation", "_core", "_reintegration")

    def __init__(self, core: Core, reintegration: Reintegration, allocation: Allocation) -> None:
        self._core = core
        self._reintegration = reintegration
        self._allocation = allocation

    def answer(self, request: DhcpRequest, now: int) -> None:
        if self._is_silent(request):
            self._silent(request, f"the server is in {self._core.state}")
        elif request.kind is RequestKind.DECLINE:
            self._decline(request, now)
        elif request.kind is RequestKind.RELEASE:
            self._release(request, now)
        elif request.kind is RequestKind.INFORM:
            self._reply(ReplyKind.ACK, request, request.address)
        elif not self._is_ours(request):
            self._core.note(NOT_OUR_CLIENT, request.kind.value, request.client.identity.hex("-"))
        elif request.kind is RequestKind.DISCOVER:
            self._offer(request, now)
        else:
            self._grant_or_refuse(request, now)

    # Who is answered

    def _is_silent(self, request: DhcpRequest) -> bool:
        core = self._core
        service = SERVICE[core.state]
        if core.state in UNSETTLED and not core.dialect.serves_while_unsettled:
            return True
        if core.dialect.silent_beside_partner_down and core.partner_state in _SILENCING:
            return True
        is_new = request.kind in (RequestKind.DISCOVER, RequestKind.SELECTING, RequestKind.INIT_REBOOT)
        return not (service.new_clients if is_new else service.renewals)

    def _is_ours(self, request: DhcpRequest) -> bool:
        """Load balancing (RFC 3074, D12 9.8.2), or the standby's silence, which is the same with all buckets the primary's."""
        dialect = self._core.dialect
        if not SERVICE[self._core.state].by_owner or request.kind is RequestKind.SELECTING:
            return True
        if request.kind in _RENEWALS and dialect.any_server_renews:
            return True
        if request.kind is RequestKind.INIT_REBOOT and not dialect.balances_init_reboot:
            return True
        if dialect.balance_max_secs is not None and request.secs > dialect.balance_max_secs:
            return True
        return self.is_answered_by(self._core.role, request.client)

    def is_answered_by(self, role: Role, client: Client) -> bool:
        """Whether in NORMAL the client is this server's."""
        by_hardware = self._core.dialect.hash_key is HashKey.HARDWARE_ADDRESS
        key = client.hardware[1:] if by_hardware else client.identity
        is_primarys = balance.has_bucket(self._core.buckets, balance.load_balance_hash(key))
        return is_primarys == (role is Role.PRIMARY)

    # DISCOVER and REQUEST

    def _offer(self, request: DhcpRequest, now: int) -> None:
        scopes = self._scopes_of(request)
        if not scopes:
            self._silent(request, "no active scope on this wire")
            return
        address = self._allocation.address_for(request, scopes, now)
        if address is None:
            scope_id = self._core.configuration.scopes[scopes[0]].scope_id
            self._core.note(POOL_EXHAUSTED, request.client.identity.hex("-"), IPv4Address(scope_id))
            return
        self._allocation.hold(address, request.client.identity, now)
        scope = self._scope_at(address)
        policies = matching_policies(scope.policies, request.client, request.attributes)
        lease_s = self._lease_time(self._core.table.get(address), request.client, _desired(scope, policies), now)
        self._reply(ReplyKind.OFFER, request, address, lease_s, policies)

    def _scopes_of(self, request: DhcpRequest) -> list[int]:
        """The active scopes of the client's wire."""
        configuration = self._core.configuration
        scope = configuration.scope_of(request.link)
        wire = () if scope is None else configuration.wires[scope]
        return [member for member in wire if configuration.scopes[member].is_active]

    def _scope_at(self, address: int) -> ScopeConfiguration:
        scope = self._core.configuration.scope_of(address)
        assert scope is not None  # every address that is offered or granted is in one
        return self._core.configuration.scopes[scope]

    def _grant_or_refuse(self, request: DhcpRequest, now: int) -> None:
        if request.kind is RequestKind.SELECTING and request.server_id != self._core.configuration.server_id:
            self._allocation.let_go(request.client.identity)
            return
        configuration = self._core.configuration
        scopes = self._scopes_of(request)
        is_on_wire = configuration.scope_of(request.address) in scopes and configuration.is_ours(request.address)
        if not scopes:
            self._silent(request, "no active scope on this wire")
        elif not is_on_wire:
            self._reply(ReplyKind.NAK, request, 0)
        elif self._allocation.can_have(request.address, request, now):
            self._grant(request, now)
        elif self._is_anothers(request):
            self._reply(ReplyKind.NAK, request, 0)
        else:
            self._silent(request, "the partner may have leased this address to it")

    def _is_anothers(self, request: DhcpRequest) -> bool:
        """Whether we know better than the client. Of an address that is free here the partner may know a lease that we do not."""
        binding = self._core.table.get(request.address)
        reserved = self._allocation.reserved_client(request.address)
        if request.kind is RequestKind.SELECTING or (reserved is not None and reserved != request.client.identity):
            return True
        return binding.state is ACTIVE and not same_client(binding.client, request.client)

    def _grant(self, request: DhcpRequest, now: int) -> None:
        binding = self._core.table.get(request.address)
        scope = self._scope_at(request.address)
        policies = matching_policies(scope.policies, request.client, request.attributes)
        desired_s = _desired(scope, policies)
        lease_s = self._lease_time(binding, request.client, desired_s, now)
        self._reintegration.owe(bindings.leased(binding, request.client, desired_s, lease_s, now), now)
        self._allocation.let_go(request.client.identity)
        self._reply(ReplyKind.ACK, request, request.address, lease_s, policies)

    def _lease_time(self, binding: Binding, client: Client, desired_s: int, now: int) -> int:
        known_s = binding.known_pe_s if same_client(binding.client, client) else 0
        cut_off = self._core.state in CUT_OFF
        return bindings.granted_lease_time(desired_s, known_s, now, self._core.mclt_s, cut_off=cut_off, dialect=self._core.dialect)

    # The end of a lease

    def _release(self, request: DhcpRequest, now: int) -> None:
        binding = self._core.table.get(request.address)
        if binding.state is ACTIVE and same_client(binding.client, request.client):
            self._end(binding, BindingEvent.RELEASED, now)

    def _decline(self, request: DhcpRequest, now: int) -> None:
        """Only the holder, or the client the address is offered to, can decline it (RFC 2131 section 4.3.3)."""
        binding = self._core.table.get(request.address)
        holds = binding.state is ACTIVE and same_client(binding.client, request.client)
        if holds or self._allocation.is_offered(request.address, request.client.identity):
            self._end(binding, BindingEvent.DECLINED, now)
            self._allocation.let_go(request.client.identity)

    def reset(self, address: int, now: int) -> bool:
        """By an operator. False when there is nothing to reset."""
        binding = self._core.table.get(address)
        if not bindings.can_meet(binding.state, BindingEvent.RESET):
            return False
        self._end(binding, BindingEvent.RESET, now)
        return True

    def _end(self, binding: Binding, event: BindingEvent, now: int) -> None:
        ended = bindings.moved(binding, event, now)
        self._reintegration.owe(ended, now)
        if self._core.state is ServerState.PARTNER_DOWN:
            self._allocation.wait_for(ended)

    # Time

    def deadline(self) -> int | None:
        table = self._core.table
        times = (
            self._allocation.deadline(),
            table.leases.next() if self._ends_leases else None,
            table.quarantines.next() if self._core.state in ENDS_LEASES else None,
        )
        return min((at for at in times if at is not None), default=None)

    @property
    def _ends_leases(self) -> bool:
        """In NORMAL the primary alone says that a lease has run out (failover-protocol.md section 10, binding life cycle)."""
        core = self._core
        if core.state is ServerState.NORMAL and core.role is Role.SECONDARY:
            return core.dialect.secondary_expires_in_normal
        return core.state in ENDS_LEASES

    def timer(self, now: int) -> None:
        table = self._core.table
        if self._ends_leases:
            for address in table.leases.take(now):
                self._end(table.get(address), BindingEvent.RAN_OUT, now)
        if self._core.state in ENDS_LEASES:
            for address in table.quarantines.take(now):
                self._end(table.get(address), BindingEvent.CLEARED, now)
        self._allocation.timer(now)

    # Replies

    def _reply(
        self,
        kind: ReplyKind,
        request: DhcpRequest,
        address: int,
        lease_s: int | None = None,
        policies: tuple[Policy, ...] = (),
    ) -> None:
        delay_ms = self._scope_at(address).delay_ms if kind is ReplyKind.OFFER else 0
        names = tuple(policy.name for policy in policies)
        server_id = self._core.configuration.server_id
        self._core.effects.append(Answer(kind, request.client, server_id, address, lease_s, delay_ms, names))

    def _silent(self, request: DhcpRequest, why: str) -> None:
        self._core.note(SILENT, request.kind.value, request.client.identity.hex("-"), why)


def _desired(scope: ScopeConfiguration, policies: tuple[Policy, ...]) -> int:
    """The duration of the first policy that has one, else the scope's."""
    return next((scope.policy_lease_s[policy.name] for policy in policies if policy.name in scope.policy_lease_s), scope.lease_s)
