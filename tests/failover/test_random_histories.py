"""Random histories of two partners and their clients, with the safety of failover checked after every step.

A step is a client's act, a cut or crash, an operator who declares PARTNER-DOWN for a partner that really is down and sees to it
that it comes back to a partner it can reach, or time. On failure the last steps are in the message; the seed alone reproduces them.
What may not happen in any history:

* an address held by two clients at one time, as the clients see it;
* a lease that ends more than MCLT after what the partner knew of it;
* an address that both servers believe free and their own;
* a reserved address with anybody but its client, or an excluded one with anybody;
* after everything is up again: two servers that disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from random import Random

import pytest
from connection_pair import ConnectionPair, Partner, address, disagreements, mac, relationship, scope

from migrate.failover.bindings import ACTIVE, BACKUP, ENDED, Client, is_own_free
from migrate.failover.codes import ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect, Sharing
from migrate.failover.effects import Answer, DhcpRequest, Order, ReplyKind, RequestKind
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.relationship import FailoverMode
from migrate.model.scope import ExclusionRange, Reservation
from migrate.model.server import Role

LEASE_S, MCLT_S = 4000, 600
RESERVED = address("10.20.0.15")
EXCLUDED = AddressRange.parse("10.20.0.18", "10.20.0.19")
SERVING = (ServerState.NORMAL, ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.PARTNER_DOWN)
"""In these a server has a database that the other can be given back from."""
CLIENTS = [mac(number) for number in range(1, 17)]
RELAY = address("10.20.0.1")


@dataclass
class Held:
    address: int
    expiry_s: int
    server_id: int


@dataclass
class History:
    seed: int
    dialect: Dialect
    mode: FailoverMode
    dies_at_work: bool = False
    steps: list[str] = field(default_factory=list)
    held: dict[Client, Held] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}:history")
        reservation = Reservation(ip_address=IPv4Address(RESERVED), client_id=ClientId(CLIENTS[0].identity))
        excluded = ExclusionRange(range=EXCLUDED)
        pool = scope("10.20.0.11", "10.20.0.26", lease_s=LEASE_S, reservations=(reservation,), exclusions=(excluded,))
        made = relationship(self.mode, mclt_s=MCLT_S, reserve_percent=30)
        quick = replace(self.dialect, timers=replace(self.dialect.timers, abandoned_s=5000, rebalancing_s=300))
        self.pair = ConnectionPair(quick, scopes=[pool], relationship=made).to_normal()

    # Chance; only random() is used, so that a seed means the same on every Python.

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def one_of(self, things: list):  # type: ignore[no-untyped-def,type-arg]
        return things[int(self.random.random() * len(things))]

    # Steps

    def step(self) -> None:
        kinds = [(0.55, self.client_acts), (0.25, self.time_passes), (0.1, self.link_changes), (0.1, self.server_changes)]
        if self.dies_at_work and self.chance(0.05):
            self.pair.effects_left = int(self.random.random() * 8)
            self.say(f"somebody crashes after {self.pair.effects_left} more effects")
        draw = self.random.random()
        for share, act in kinds:
            if draw < share:
                act()
                break
            draw -= share
        self.check()

    def say(self, what: str) -> None:
        self.steps.append(f"{self.pair.now}: {what}")

    def time_passes(self) -> None:
        seconds = 1 + int(self.random.random() ** 3 * 2 * LEASE_S)
        self.say(f"{seconds} s pass")
        self.pair.advance(seconds)

    def link_changes(self) -> None:
        if self.pair.is_cut:
            self.say("link healed")
            self.pair.heal()
        else:
            noticed = self.chance(0.5)
            self.say("link cut" + ("" if noticed else ", silently"))
            self.pair.cut(noticed=noticed)

    def server_changes(self) -> None:
        partner = self.one_of(list(self.pair.partners))
        other = self.pair.other(partner)
        name = partner.configuration.role.value
        if partner.endpoint is None:
            is_awaited = self.make_way_for(other)
            knows = other.endpoint is not None and other.state in SERVING and not self.pair.is_cut
            wiped = knows and self.chance(0.3)
            self.say(f"{name} restarts" + (" without its database" if wiped else ""))
            self.pair.restart(partner, without_database=wiped)
            if is_awaited:
                self.pair.advance(2 * self.dialect.timers.connection_retry_s)
        elif other.endpoint is None:
            self.pair.advance(1)
            self.say(f"{name} is told that its partner is down")
            if partner.endpoint:
                self.pair.submit(partner, Order.PARTNER_DOWN)
        else:
            self.say(f"{name} crashes")
            self.pair.crash(partner)
            self.pair.advance(1)

    def make_way_for(self, other: Partner) -> bool:
        """Whoever went PARTNER-DOWN must be there to say so when its partner returns."""
        saved = other.storage.server
        if saved is None or saved.state is not ServerState.PARTNER_DOWN:
            return False
        self.pair.effects_left = None
        self.pair.heal()
        if other.endpoint is None:
            self.say(f"{other.configuration.role.value} restarts first")
            self.pair.restart(other)
        return True

    def client_acts(self) -> None:
        client = self.one_of(CLIENTS)
        held = self.held.get(client)
        if held is not None and held.expiry_s <= self.pair.now:
            del self.held[client]
            held = None
        if held is None:
            self.look_for_a_lease(client)
        else:
            self.one_of([self.renew, self.renew, self.rebind, self.rebind, self.release, self.decline])(client, held)

    def look_for_a_lease(self, client: Client) -> None:
        self.say(f"{client.identity.hex()} looks for a lease")
        offers = []
        for partner in self.pair.partners:
            if partner.endpoint and self.chance(0.9) and (offer := self.pair.discover(partner, client)):
                offers.append((partner, offer))
        if not offers or self.chance(0.1):
            return
        chosen, offer = self.one_of(offers)
        for partner in self.pair.partners:
            if partner.endpoint:
                request = DhcpRequest(RequestKind.SELECTING, client, RELAY, offer.address, chosen.configuration.server_id)
                known_s = self.known_to_partner(partner, client, offer.address)
                self.take(client, self.pair.submit(partner, request), known_s)

    def renew(self, client: Client, held: Held) -> None:
        for partner in self.pair.partners:
            if partner.endpoint and partner.configuration.server_id == held.server_id:
                self.say(f"{client.identity.hex()} renews {IPv4Address(held.address)}")
                self.ask(partner, RequestKind.RENEWING, client, held)

    def rebind(self, client: Client, held: Held) -> None:
        kind = self.one_of([RequestKind.REBINDING, RequestKind.INIT_REBOOT])
        self.say(f"{client.identity.hex()}: {kind.value} {IPv4Address(held.address)}")
        for partner in self.pair.partners:
            if partner.endpoint and client in self.held:
                self.ask(partner, kind, client, held)

    def ask(self, partner: Partner, kind: RequestKind, client: Client, held: Held) -> None:
        request = DhcpRequest(kind, client, RELAY, held.address)
        known_s = self.known_to_partner(partner, client, held.address)
        self.take(client, self.pair.submit(partner, request), known_s)

    def known_to_partner(self, partner: Partner, client: Client, at: int) -> int:
        """The latest expiry of this lease in the partner's stable storage, promised or received.

        A partner that has lost its database asks for all of it before it serves anybody, so it counts as knowing.
        """
        other = self.pair.other(partner)
        if other.storage.is_restored:
            return self.pair.now + LEASE_S
        binding = other.storage.bindings.get(at)
        return binding.latest_s if binding and binding.client == client and binding.state in (ACTIVE, *ENDED) else 0

    def take(self, client: Client, answers: list[Answer], known_s: int) -> None:
        for answer in answers:
            if answer.kind is ReplyKind.NAK:
                self.held.pop(client, None)
            elif answer.lease_s is not None:
                limit = max(known_s, self.pair.now) + MCLT_S
                assert self.pair.now + answer.lease_s <= limit, self.story("promise beyond MCLT")
                self.held[client] = Held(answer.address, self.pair.now + answer.lease_s, answer.server_id)

    def release(self, client: Client, held: Held) -> None:
        self.say(f"{client.identity.hex()} releases {IPv4Address(held.address)}")
        del self.held[client]
        for partner in self.pair.partners:
            if partner.endpoint and partner.configuration.server_id == held.server_id:
                self.pair.request(partner, RequestKind.RELEASE, client, held.address)

    def decline(self, client: Client, held: Held) -> None:
        if not self.chance(0.2):
            return
        self.say(f"{client.identity.hex()} declines {IPv4Address(held.address)}")
        del self.held[client]
        for partner in self.pair.partners:
            if partner.endpoint:
                self.pair.request(partner, RequestKind.DECLINE, client, held.address)

    # Invariants

    def check(self) -> None:
        holders: dict[int, Client] = {}
        for client, held in self.held.items():
            if held.expiry_s <= self.pair.now:
                continue
            assert held.address not in holders or self.last_writer_won, self.story(f"{IPv4Address(held.address)} has two holders")
            holders[held.address] = client
            assert IPv4Address(held.address) not in EXCLUDED, self.story("excluded address leased")
            assert held.address != RESERVED or client == CLIENTS[0], self.story("reserved address leased to another client")

        self.check_free_pools()

    def check_free_pools(self) -> None:
        """No address is free for both to lease."""
        if any(partner.endpoint is None for partner in self.pair.partners):
            return
        for binding in self.pair.primary.running.table.records():
            theirs = self.pair.secondary.running.table.get(binding.address)
            both = is_own_free(binding, Role.PRIMARY) and is_own_free(theirs, Role.SECONDARY)
            assert not both, self.story(f"{IPv4Address(binding.address)} is free for both")

    @property
    def last_writer_won(self) -> bool:
        """dhcpd resolves a potential conflict without looking at clients or times, and duplicates remain (LIVE: 22 of 22)."""
        states = self.pair.primary.states
        return self.dialect is ISC and ServerState.POTENTIAL_CONFLICT in states

    def story(self, what: str) -> str:
        return "\n".join([f"{what}; seed {self.seed}", *self.steps[-60:]])

    def come_to_rest(self) -> None:
        """Everything is repaired and nobody asks for anything; every lease runs out, every wait ends."""
        self.say("everything is repaired")
        self.pair.effects_left = None
        self.pair.heal()
        for partner in self.pair.partners:
            if partner.endpoint is None:
                self.pair.restart(partner)
        self.pair.advance(2 * MCLT_S + 700)
        states = [partner.state for partner in self.pair.partners]
        assert states == [ServerState.NORMAL, ServerState.NORMAL], self.story(f"ends in {states}")
        self.check()
        self.pair.advance(3 * LEASE_S + 5000)
        self.pair.cut()  # what was refused is sent again with the next connection
        self.pair.heal()
        self.pair.advance(700)
        assert not disagreements(self.pair), self.story("\n".join(disagreements(self.pair)))
        self.free_pool_is_shared()

    def free_pool_is_shared(self) -> None:
        backup = [b for b in self.pair.primary.running.table.records() if b.state is BACKUP]
        free = 16 - 1 - 2
        percent = 30 if self.mode is FailoverMode.HOT_STANDBY and self.dialect.sharing is Sharing.BY_RATIO else 50
        assert abs(len(backup) - free * percent // 100) <= 1, self.story(f"{len(backup)} addresses for the secondary")


@pytest.mark.parametrize("mode", FailoverMode)
@pytest.mark.parametrize("dialect", [WINDOWS, DRAFT, ISC], ids=lambda dialect: dialect.flavour)
@pytest.mark.parametrize("seed", range(5))
def test_history_is_safe_and_comes_to_rest(seed: int, dialect: Dialect, mode: FailoverMode) -> None:
    history = History(seed, dialect, mode)
    for _ in range(150):
        history.step()
    history.come_to_rest()


@pytest.mark.parametrize("mode", FailoverMode)
@pytest.mark.parametrize("dialect", [WINDOWS, DRAFT], ids=lambda dialect: dialect.flavour)
@pytest.mark.parametrize("seed", range(1000, 1006))
def test_history_with_crashes_between_any_two_effects(seed: int, dialect: Dialect, mode: FailoverMode) -> None:
    """Store comes before the Send or Answer that depends on it: whatever of a step was carried out, the rest can be forgotten.

    Not for dhcpd, which can end in SHUTDOWN when its partner dies in POTENTIAL-CONFLICT.
    """
    history = History(seed, dialect, mode, dies_at_work=True)
    for _ in range(150):
        history.step()
    history.come_to_rest()
