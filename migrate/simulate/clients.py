"""DHCP clients as they behave on a real wire (RFC 2131 section 4.4): one lease each, renewed at T1, rebound at T2, lost at its end.

At T1, half of the lease, a client asks the server that gave it; at T2, seven eighths, it asks everybody; unanswered, it tries
again after half of what is left, a minute at least. Without a lease it calls out after 4, 8, 16, 32 and 64 seconds, then every five
minutes, as Windows clients do. Its clock is the true one.
"""

from __future__ import annotations

from enum import Enum

from migrate.failover.bindings import UNLIMITED_S, Client
from migrate.failover.effects import Answer, DhcpRequest, ReplyKind, RequestKind
from migrate.model.server import Role
from migrate.simulate.transcript import address_text, duration
from migrate.simulate.world import World

RETRANSMIT_S = 60
CALL_AFTER_S = (4, 8, 16, 32, 64)
CALL_EVERY_S = 300


class Phase(Enum):
    OFF = "off"
    INIT = "without a lease"
    BOUND = "bound"


class SimulatedClient:
    """Invariant: in BOUND it has an address, and `expiry_s` lies ahead or its wake-up call is due."""

    __slots__ = (
        "_alarm",
        "_calls",
        "_world",
        "address",
        "client",
        "expiry_s",
        "lease_s",
        "link",
        "name",
        "phase",
        "scope_id",
        "server",
        "waiting_since_s",
    )

    def __init__(self, world: World, client: Client, scope_id: int, name: str = "") -> None:
        self._world = world
        self._alarm = 0
        """Counts the wake-up calls it has asked for: only the last one is heard."""
        self._calls = 0
        self.client = client
        self.scope_id = scope_id
        self.link = scope_id + 1
        self.name = name or f"client {client.identity.hex('-')}"
        self.phase = Phase.OFF
        self.address = 0
        self.server: Role | None = None
        """Who gave the lease; None when that server is not there any more, or not known."""
        self.expiry_s = 0
        self.lease_s = 0
        self.waiting_since_s: int | None = None

    # Coming and going

    def holds(self, address: int, expiry_s: int, lease_s: int, server: Role | None) -> None:
        """It had a lease of this length before the world began, and tries to renew it when that is due."""
        self.phase, self.address, self.expiry_s, self.lease_s, self.server = Phase.BOUND, address, expiry_s, lease_s, server
        if expiry_s < UNLIMITED_S:
            self._sleep_until(self._first_attempt_s())

    def _first_attempt_s(self) -> int:
        """T1 or T2, or the next retransmission when these are over."""
        now = self._world.now
        if now < self._renew_s:
            return self._renew_s
        return now + max((self.expiry_s - now) // 2, 1)

    def boot(self) -> None:
        """Switched on without a lease it could ask for again."""
        self.phase, self.address, self.server = Phase.INIT, 0, None
        self._calls = 0
        self.waiting_since_s = self._world.now
        self._discover()

    def reboot(self) -> None:
        """Asks for its old address; unanswered, it goes on using the lease while it lasts (RFC 2131 section 3.2)."""
        if self.phase is not Phase.BOUND:
            self.boot()
            return
        answers = self._world.broadcast(self._request(RequestKind.INIT_REBOOT, self.address))
        self._take(answers, RequestKind.INIT_REBOOT)

    def release(self) -> None:
        if self.phase is Phase.BOUND and self.server is not None:
            self._world.ask(self.server, self._request(RequestKind.RELEASE, self.address))
            self._tell("gives {0} back", address_text(self.address))
        self._give_up_address()
        self.phase = Phase.OFF
        self._alarm += 1

    def decline(self) -> None:
        """Finds its address in use by somebody else."""
        self._tell("declines {0}", address_text(self.address))
        if self.server is not None:
            self._world.ask(self.server, self._request(RequestKind.DECLINE, self.address))
        self._give_up_address()
        self.boot()

    def switch_off(self) -> None:
        self.phase = Phase.OFF
        self._alarm += 1

    # Time

    @property
    def _renew_s(self) -> int:
        return self.expiry_s - self.lease_s + self.lease_s // 2

    @property
    def _rebind_s(self) -> int:
        return self.expiry_s - self.lease_s + self.lease_s * 7 // 8

    def _sleep_until(self, at_s: int) -> None:
        """Not in this very second: a lease of one second would be renewed in it for ever."""
        self._alarm += 1
        alarm = self._alarm
        self._world.call_at(max(at_s, self._world.now + 1), lambda: self._wake() if alarm == self._alarm else None)

    def _wake(self) -> None:
        now = self._world.now
        if self.phase is Phase.INIT:
            self._discover()
        elif now >= self.expiry_s:
            self._lose_lease()
        elif now >= self._rebind_s:
            self._take(self._world.broadcast(self._request(RequestKind.REBINDING, self.address)), RequestKind.REBINDING)
        else:
            self._renew()

    def _renew(self) -> None:
        answers: list[tuple[Role, Answer]] = []
        if self.server is not None:
            answer = self._world.ask(self.server, self._request(RequestKind.RENEWING, self.address))
            answers = [] if answer is None else [(self.server, answer)]
        self._take(answers, RequestKind.RENEWING)

    # Requests and answers

    def _request(self, kind: RequestKind, address: int = 0, server_id: int = 0) -> DhcpRequest:
        return DhcpRequest(kind, self.client, self.link, address, server_id)

    def _take(self, answers: list[tuple[Role, Answer]], kind: RequestKind) -> None:
        """Heed the first answer to a request for the address it has; without any, ask again later."""
        if not answers:
            self._tell("{0} for {1}: no answer", kind.value, address_text(self.address), is_detail=True)
            self._sleep_until(self._next_attempt_s())
            return
        role, answer = answers[0]
        if answer.kind is ReplyKind.ACK:
            self._bind(role, answer, kind)
        else:
            self._world.tally.scope(self.scope_id).refused += 1
            self._tell("{0} for {1}: DHCPNAK from the {2}", kind.value, address_text(self.address), role)
            self._lose_lease()

    def _next_attempt_s(self) -> int:
        now = self._world.now
        end_s = self._rebind_s if now < self._rebind_s else self.expiry_s
        return min(now + max((end_s - now) // 2, RETRANSMIT_S), end_s)

    def _discover(self) -> None:
        """Call out, take the first offer, and ask for it so that everybody hears who was chosen (RFC 2131 section 3.1)."""
        offers = self._world.broadcast(self._request(RequestKind.DISCOVER))
        for role, offer in offers[:1]:
            request = self._request(RequestKind.SELECTING, offer.address, offer.server_id)
            for answering, answer in self._world.broadcast(request):
                if answering is role and answer.kind is ReplyKind.ACK:
                    self._bind(role, answer, RequestKind.SELECTING)
                    return
        delay_s = CALL_AFTER_S[self._calls] if self._calls < len(CALL_AFTER_S) else CALL_EVERY_S
        if not offers and self._calls == 0:
            self._tell("calls out, and nobody offers it an address")
        self._calls += 1
        self._sleep_until(self._world.now + delay_s)

    def _bind(self, role: Role, answer: Answer, kind: RequestKind) -> None:
        world, lease_s = self._world, answer.lease_s or 0
        is_new = kind is RequestKind.SELECTING
        if self.address != answer.address:
            self._give_up_address()
        waited_s = 0 if self.waiting_since_s is None else world.now - self.waiting_since_s
        self.phase, self.address, self.server, self.lease_s = Phase.BOUND, answer.address, role, lease_s
        self.expiry_s = UNLIMITED_S if lease_s >= UNLIMITED_S else world.now + lease_s
        self.waiting_since_s = None
        self._calls = 0
        world.tally.bound(self.scope_id, role, is_new=is_new, waited_s=waited_s)
        form = "{0}: {1} from the {2} for {3}"
        self._tell(form, kind.value, address_text(self.address), role, duration(lease_s), is_detail=not is_new)
        if self.expiry_s < UNLIMITED_S:
            self._sleep_until(self._renew_s)

    def _lose_lease(self) -> None:
        self._tell("loses {0}", address_text(self.address))
        self._world.tally.scope(self.scope_id).addresses_lost += 1
        self._give_up_address()
        self.boot()

    def _give_up_address(self) -> None:
        if self.address:
            self._world.promises.end(self.address, self.client.identity)
        self.address, self.server = 0, None

    def _tell(self, form: str, *parts: object, is_detail: bool = False) -> None:
        identity = self.client.identity
        self._world.say(self.name, form, *parts, address=self.address, client=identity, is_detail=is_detail)
