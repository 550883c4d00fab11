"""What must hold after every event, one function a property (design.md section 6). The draft's sections say why.

Each function looks at what the event brought about and yields one judgement a thing it looked at: None when all is well, else
what is wrong. They believe the observer's book of promises and what is on the servers' disks; of the engine's tables and arithmetic
they use nothing, so that a mistake there cannot excuse itself here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from migrate.failover.bindings import Binding
from migrate.failover.codes import BindingState, ServerState
from migrate.failover.effects import ReplyKind, RequestKind
from migrate.failover.endpoint import Endpoint
from migrate.model.addresses import AddressSet
from migrate.model.relationship import FailoverMode
from migrate.model.server import Role
from migrate.simulate.happenings import Asked
from migrate.simulate.host import Host
from migrate.simulate.world import OTHER, World

FREE, BACKUP, ACTIVE, ABANDONED = BindingState.FREE, BindingState.BACKUP, BindingState.ACTIVE, BindingState.ABANDONED
RENEWALS = (RequestKind.RENEWING, RequestKind.REBINDING)
OLD_CLIENTS = (*RENEWALS, RequestKind.INIT_REBOOT)

SERVES_ALL = (
    ServerState.NORMAL,
    ServerState.COMMUNICATIONS_INTERRUPTED,
    ServerState.PARTNER_DOWN,
    ServerState.RESOLUTION_INTERRUPTED,
    ServerState.CONFLICT_DONE,
)
SERVES_RENEWALS = (*SERVES_ALL, ServerState.RECOVER_DONE)


_BEYOND = 1 << 32
"""Greater than any address, so that a span that starts at one comes before it."""


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: str
    at_s: int
    message: str
    address: int = 0
    clients: tuple[bytes, ...] = ()
    """Identities of those concerned, the victim first."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the plan says of addresses, by itself: not as the engine was configured."""

    excluded: AddressSet
    reserved: dict[int, bytes]

    def is_excluded(self, address: int) -> bool:
        """Asked for every answer, of an estate that may have thousands of exclusions."""
        spans = self.excluded.spans
        at = bisect_right(spans, (address, _BEYOND)) - 1
        return at >= 0 and address < spans[at][1]


Judgement = Violation | None
Invariant = Callable[[World, Rules], Iterator[Judgement]]


def one_client_an_address(world: World, rules: Rules) -> Iterator[Judgement]:
    """No address is promised to two clients at one time."""
    for asked, address, client in _promised(world):
        others = world.promises.others(address, client, world.now)
        if others:
            other = others[0]
            earlier = f"{other.client.hex('-')} may use it by a promise of {'the ' + other.by if other.by else 'before the start'}"
            message = f"{IPv4Address(address)} promised to {client.hex('-')} by the {asked.role} while {earlier}"
            yield Violation("one-client-an-address", world.now, message, address, (other.client, client))
        else:
            yield None


def promise_within_mclt(world: World, rules: Rules) -> Iterator[Judgement]:
    """No lease ends more than MCLT after now and after what the partner knows of it (D12 5.2.1)."""
    for asked, address, client in _promised(world):
        host, partner = world.hosts[asked.role], world.hosts[OTHER[asked.role]]
        if not isinstance(host.server, Endpoint) and not asked.has_crashed:
            continue
        known = partner.known.get(address)
        known_s = known[1] if known is not None and known[0] == client else 0
        lease_s = _lease(asked)
        limit_s = max(known_s - asked.clock_s, 0) + host.configuration.mclt_s
        if lease_s > limit_s:
            allowed = f"by what the partner knows {limit_s} s at most"
            message = f"{IPv4Address(address)} leased by the {asked.role} for {lease_s} s; {allowed}"
            yield Violation("promise-within-mclt", world.now, message, address, (client,))
        else:
            yield None


def client_keeps_its_address(world: World, rules: Rules) -> Iterator[Judgement]:
    """Who holds a lease that a serving partner knows, and asks the one whose turn it is, keeps it; nobody takes it away."""
    for asked in world.happenings.asked:
        request = asked.request
        client = request.client.identity
        if request.kind not in OLD_CLIENTS or asked.has_crashed:
            continue
        if world.promises.of(request.address, client, world.now) is None:
            continue
        refused = asked.answer is not None and asked.answer.kind is ReplyKind.NAK
        owed = request.kind in RENEWALS and _must_answer(world, asked)
        if refused or (owed and asked.answer is None):
            what = f"{'refused' if refused else 'left without an answer'} by the {asked.role} in {asked.state}"
            message = f"{request.kind.value} of {client.hex('-')} for {IPv4Address(request.address)} {what}"
            yield Violation("client-keeps-its-address", world.now, message, request.address, (client,))
        elif owed:
            yield None


def _must_answer(world: World, asked: Asked) -> bool:
    if asked.state not in SERVES_RENEWALS:
        return False
    server = world.hosts[asked.role].server
    if asked.state is ServerState.NORMAL and isinstance(server, Endpoint) and not server.answers_in_normal(asked.request):
        return False
    client = asked.before.client
    return asked.before.state is ACTIVE and client is not None and client.identity == asked.request.client.identity


def reserved_to_its_client(world: World, rules: Rules) -> Iterator[Judgement]:
    """A reserved address is offered and promised to its client only."""
    for asked in world.happenings.asked:
        answer = asked.answer
        if answer is None or not answer.address:
            continue
        owner, client = rules.reserved.get(answer.address), answer.client.identity
        if owner is not None and owner != client:
            given = f"was given to {client.hex('-')} by the {asked.role}"
            message = f"{IPv4Address(answer.address)} is reserved for {owner.hex('-')} and {given}"
            yield Violation("reserved-to-its-client", world.now, message, answer.address, (owner, client))
        elif owner is not None:
            yield None


def excluded_to_nobody(world: World, rules: Rules) -> Iterator[Judgement]:
    """An excluded address is offered and promised to nobody, but for the client that it is reserved for."""
    for asked in world.happenings.asked:
        answer = asked.answer
        if answer is None or not answer.address or answer.address in rules.reserved:
            continue
        if rules.is_excluded(answer.address):
            client = answer.client.identity
            message = f"{IPv4Address(answer.address)} is excluded and was given to {client.hex('-')} by the {asked.role}"
            yield Violation("excluded-to-nobody", world.now, message, answer.address, (client,))
        else:
            yield None


def partners_agree(world: World, rules: Rules) -> Iterator[Judgement]:
    """Both in NORMAL and nothing under way: both databases say the same of every address of which neither owes an update."""
    if not world.unsettled or world.messages_under_way or not _is_quiet(world):
        return
    primary, secondary = (world.hosts[role] for role in Role)
    addresses = sorted(world.unsettled)
    for address in addresses:
        ours, theirs = primary.stored(address), secondary.stored(address)
        if ours.owed or theirs.owed:
            continue
        del world.unsettled[address]
        if _agree(ours, theirs):
            yield None
        else:
            message = f"{IPv4Address(address)} is {_words(ours)} on the primary and {_words(theirs)} on the secondary"
            clients = tuple(dict.fromkeys(b.client.identity for b in (ours, theirs) if b.client is not None))
            yield Violation("partners-agree", world.now, message, address, clients)


def _is_quiet(world: World) -> bool:
    for host in world.hosts.values():
        server = host.server
        if not isinstance(server, Endpoint) or server.state is not ServerState.NORMAL or not server.communications_ok:
            return False
        if server.counters.binding_updates_pending:
            return False
    clocks = [host.clock_ahead_s for host in world.hosts.values()]
    return abs(clocks[0] - clocks[1]) <= world.hosts[Role.PRIMARY].configuration.dialect.allowed_skew_s


def _agree(ours: Binding, theirs: Binding) -> bool:
    if ABANDONED in (ours.state, theirs.state):
        return True  # C12: a declined address is known to the server that saw the decline only
    if ours.state is ACTIVE and theirs.state is ACTIVE:
        return ours.expiry_s == theirs.expiry_s and _identity(ours) == _identity(theirs)
    return ours.state is theirs.state


def _identity(binding: Binding) -> bytes | None:
    return None if binding.client is None else binding.client.identity


def _words(binding: Binding) -> str:
    if binding.state is not ACTIVE:
        return binding.state.name
    identity = _identity(binding)
    return f"leased to {identity.hex('-') if identity else 'nobody'} until {binding.expiry_s}"


def free_pool_in_ratio(world: World, rules: Rules) -> Iterator[Judgement]:
    """After a redistribution the secondary has its share of each range's free addresses, to within one and what cannot be moved."""
    if not world.happenings.has_redistributed:
        return
    host = world.hosts[Role.PRIMARY]
    configuration, server = host.configuration, host.server
    if not isinstance(server, Endpoint) or server.state is not ServerState.NORMAL:
        return
    if configuration.mode is FailoverMode.HOT_STANDBY:
        percent = 5 if configuration.reserve_percent is None else configuration.reserve_percent
    else:
        percent = 100 - (50 if configuration.load_balance_percent is None else configuration.load_balance_percent)
    for pool in configuration.pools:
        states = Counter(host.stored(address).state for address in pool.numbers())
        free, backup = states[FREE] + states[BACKUP], states[BACKUP]
        off = abs(backup - free * percent / 100)
        if off > 1 + _immovable(host, pool.numbers()):
            scope_id = IPv4Address(configuration.scopes[pool.scope].scope_id)
            message = f"scope {scope_id}: {backup} of {free} free addresses are the secondary's, {percent} percent were asked for"
            yield Violation("free-pool-in-ratio", world.now, message)
        else:
            yield None


def _immovable(host: Host, addresses: Iterable[int]) -> int:
    """Free addresses of which the partner has not acknowledged the last change. Those on offer are few and lapse in a minute."""
    return sum(1 for address in addresses if (b := host.stored(address)).state in (FREE, BACKUP) and b.owed)


def new_lease_from_own_share(world: World, rules: Rules) -> Iterator[Judgement]:
    """A free address is leased by its owner only; in PARTNER-DOWN, MCLT after it began, by the survivor (D12 9.4.2, 9.9.2).

    An ended lease goes to another client only once it is free on both sides.
    """
    for asked, address, client in _promised(world):
        host, before = world.hosts[asked.role], asked.before
        if not isinstance(host.server, Endpoint) and not asked.has_crashed:
            continue
        if host.configuration.is_reserved(address) or (before.state is ACTIVE and _identity(before) == client):
            yield None
            continue
        own = FREE if asked.role is Role.PRIMARY else BACKUP
        if before.state in (FREE, BACKUP):
            waited = asked.state is ServerState.PARTNER_DOWN and asked.clock_s >= asked.since_s + host.configuration.mclt_s
            is_allowed = (before.state is own and not before.owed) or waited
        else:
            is_allowed = before.state is not ABANDONED and _identity(before) == client
        if is_allowed:
            yield None
        else:
            by = f"by the {asked.role} in {asked.state}, where it was {_words(before)}"
            message = f"{IPv4Address(address)} leased to {client.hex('-')} {by}"
            yield Violation("new-lease-from-own-share", world.now, message, address, (client,))


def silent_states_are_silent(world: World, rules: Rules) -> Iterator[Judgement]:
    """A server that starts, recovers, resolves a conflict or is stopped answers nobody; in RECOVER-DONE only who renews (D12 9)."""
    for asked in world.happenings.asked:
        kind = asked.request.kind
        allowed = SERVES_RENEWALS if kind in (*RENEWALS, RequestKind.INFORM) else SERVES_ALL
        if asked.answer is None:
            continue
        if asked.state in allowed:
            yield None
        else:
            client = asked.request.client.identity
            message = f"{kind.value} of {client.hex('-')} answered by the {asked.role} in {asked.state}"
            yield Violation("silent-states-are-silent", world.now, message, asked.answer.address, (client,))


def recovery_waits_for_mclt(world: World, rules: Rules) -> Iterator[Judgement]:
    """Who returns to a partner in PARTNER-DOWN serves again only MCLT after its own last promise (D12 9.6)."""
    for move in world.happenings.moves:
        if move.before not in (ServerState.RECOVER, ServerState.RECOVER_WAIT) or move.after is not ServerState.RECOVER_DONE:
            continue
        host, partner = world.hosts[move.role], world.hosts[OTHER[move.role]]
        if host.last_promise_s is None or not isinstance(partner.server, Endpoint):
            continue
        if partner.server.state is not ServerState.PARTNER_DOWN:
            continue
        may_serve_s = host.last_promise_s + host.configuration.mclt_s
        if world.now < may_serve_s:
            message = f"the {move.role} ends its wait {may_serve_s - world.now} s before MCLT after its last promise is over"
            yield Violation("recovery-waits-for-mclt", world.now, message)
        else:
            yield None


def promise_is_stored(world: World, rules: Rules) -> Iterator[Judgement]:
    """What a client was promised is on the disk of the server that promised it (store before answer)."""
    for asked, address, client in _promised(world):
        host = world.hosts[asked.role]
        binding = host.storage.bindings.get(address)
        end_s = asked.clock_s + _lease(asked)
        if binding is not None and binding.state is ACTIVE and _identity(binding) == client and binding.expiry_s >= end_s:
            yield None
        elif isinstance(host.server, Endpoint) or asked.has_crashed:
            message = f"{IPv4Address(address)} promised to {client.hex('-')} by the {asked.role}, which has not stored it"
            yield Violation("promise-is-stored", world.now, message, address, (client,))


INVARIANTS: dict[str, Invariant] = {
    "one-client-an-address": one_client_an_address,
    "promise-within-mclt": promise_within_mclt,
    "client-keeps-its-address": client_keeps_its_address,
    "reserved-to-its-client": reserved_to_its_client,
    "excluded-to-nobody": excluded_to_nobody,
    "partners-agree": partners_agree,
    "free-pool-in-ratio": free_pool_in_ratio,
    "new-lease-from-own-share": new_lease_from_own_share,
    "silent-states-are-silent": silent_states_are_silent,
    "recovery-waits-for-mclt": recovery_waits_for_mclt,
    "promise-is-stored": promise_is_stored,
}


def _promised(world: World) -> Iterator[tuple[Asked, int, bytes]]:
    """The leases promised in this event: who was asked, the address, and the client."""
    for asked in world.happenings.asked:
        answer = asked.answer
        if answer is not None and answer.kind is ReplyKind.ACK and answer.lease_s is not None:
            yield asked, answer.address, answer.client.identity


def _lease(asked: Asked) -> int:
    assert asked.answer is not None and asked.answer.lease_s is not None  # `_promised` gives only such
    return asked.answer.lease_s
