"""What failover tracks for one address: the binding states, who may overrule whom, and the MCLT arithmetic. Pure functions only.

Three things stand here. `TRANSITIONS` says which state follows an event on this server. `VERDICTS` says whether this server accepts
what its partner claims of an address. The functions below them say how long a lease may be, what the partner is told of it, and
when an address may go to somebody else. All times are whole seconds since 1970, durations are seconds; 0 as a time means never.

Sources: failover-protocol.md sections 6 and 10; D12 is draft-ietf-dhc-failover-12, ISC dhcpd 4.4.3, EXA Windows' examples. Not
here: which addresses there are, whose turn it is to answer, and messages.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from migrate.failover.codes import BindingState, RejectReason
from migrate.failover.dialect import CutOffLease, Dialect, Flavour
from migrate.model.server import Role

FREE = BindingState.FREE
ACTIVE = BindingState.ACTIVE
EXPIRED = BindingState.EXPIRED
RELEASED = BindingState.RELEASED
ABANDONED = BindingState.ABANDONED
RESET = BindingState.RESET
BACKUP = BindingState.BACKUP

ENDED = (EXPIRED, RELEASED, RESET)
"""No longer the client's, and nobody else's before the partner has acknowledged it (D12 9.8.3)."""
OWN_FREE = {Role.PRIMARY: FREE, Role.SECONDARY: BACKUP}

UNLIMITED_S = 0xFFFFFFFF
"""As a duration and as an instant: never ends. It is also the last instant that the wire can name."""

ISC_EXPIRY_TOLERANCE_S = 65
"""dhcpd refuses EXPIRED for a lease that by its own clock lasts longer than this."""


class Client(NamedTuple):
    hardware: bytes
    """Hardware type, one octet, and address: option 5 of the failover protocol."""
    identifier: bytes | None = None
    """DHCP option 61 as the client sent it; None when it sent none."""

    @property
    def identity(self) -> bytes:
        """What tells one client from another (RFC 2131 section 4.2)."""
        return self.hardware[1:] if self.identifier is None else self.identifier


class Binding(NamedTuple):
    """One address as one server knows it. A tuple, because the engine makes one for each change of each lease."""

    address: int
    state: BindingState
    client: Client | None = None
    """The holder, or the last one."""
    expiry_s: int = 0
    """End of the lease as the client knows it."""
    sent_pe_s: int = 0
    """Potential expiry told to the partner, or about to be."""
    acked_pe_s: int = 0
    """Potential expiry that the partner has acknowledged."""
    received_pe_s: int = 0
    """Potential expiry that the partner has told."""
    stos_s: int = 0
    """Start time of state."""
    cltt_s: int = 0
    """Client's last transaction time."""
    owed: bool = False
    """The partner has not acknowledged this yet: what UPDREQ asks for (D12 5.16)."""

    @property
    def known_pe_s(self) -> int:
        """The latest expiry of which partner and server both know (D12 5.2.1).

        Of a lease that has ended nothing is known any longer: the partner may have agreed already and forgotten it.
        """
        return max(self.acked_pe_s, self.received_pe_s) if self.state is ACTIVE else 0

    @property
    def latest_s(self) -> int:
        """After this instant plus MCLT nobody can have promised the address any longer (D12 9.4.2)."""
        return max(self.expiry_s, self.sent_pe_s, self.acked_pe_s, self.received_pe_s)


class BindingEvent(Enum):
    LEASED = "leased"
    RAN_OUT = "lease ran out"
    RELEASED = "client released"
    DECLINED = "client declined, or the address answered a probe"
    RESET = "operator reset"
    ACKNOWLEDGED = "partner acknowledged the end"
    GIVEN = "primary gives the address to the secondary"
    TAKEN = "primary takes it back, or the secondary returns it"
    CLEARED = "abandoned long enough"


class Transition(NamedTuple):
    state: BindingState
    event: BindingEvent
    to: BindingState
    source: str


TRANSITIONS = (
    Transition(FREE, BindingEvent.LEASED, ACTIVE, "D12 5.4"),
    Transition(FREE, BindingEvent.GIVEN, BACKUP, "D12 5.4"),
    Transition(FREE, BindingEvent.DECLINED, ABANDONED, "D12 5.11"),
    Transition(BACKUP, BindingEvent.LEASED, ACTIVE, "D12 5.4"),
    Transition(BACKUP, BindingEvent.TAKEN, FREE, "D12 5.4"),
    Transition(BACKUP, BindingEvent.DECLINED, ABANDONED, "D12 5.11"),
    Transition(ACTIVE, BindingEvent.LEASED, ACTIVE, "D12 5.4: renewed"),
    Transition(ACTIVE, BindingEvent.RAN_OUT, EXPIRED, "D12 5.4"),
    Transition(ACTIVE, BindingEvent.RELEASED, RELEASED, "D12 5.4"),
    Transition(ACTIVE, BindingEvent.DECLINED, ABANDONED, "D12 5.11"),
    Transition(ACTIVE, BindingEvent.RESET, RESET, "D12 5.4"),
    Transition(EXPIRED, BindingEvent.LEASED, ACTIVE, "D12 9.8.3: the same client; 9.4.2: another"),
    Transition(EXPIRED, BindingEvent.ACKNOWLEDGED, FREE, "D12 9.8.3"),
    Transition(EXPIRED, BindingEvent.DECLINED, ABANDONED, "D12 5.11"),
    Transition(EXPIRED, BindingEvent.RESET, RESET, "D12 5.4"),
    Transition(RELEASED, BindingEvent.LEASED, ACTIVE, "D12 9.8.3: the same client; 9.4.2: another"),
    Transition(RELEASED, BindingEvent.ACKNOWLEDGED, FREE, "D12 9.8.3"),
    Transition(RELEASED, BindingEvent.DECLINED, ABANDONED, "D12 5.11"),
    Transition(RELEASED, BindingEvent.RESET, RESET, "D12 5.4"),
    Transition(RESET, BindingEvent.LEASED, ACTIVE, "D12 9.4.2"),
    Transition(RESET, BindingEvent.ACKNOWLEDGED, FREE, "D12 9.8.3"),
    Transition(ABANDONED, BindingEvent.DECLINED, ABANDONED, "D12 5.11: declined again"),
    Transition(ABANDONED, BindingEvent.RESET, RESET, "D12 5.4"),
    Transition(ABANDONED, BindingEvent.CLEARED, FREE, "ISC: abandon-lease-time"),
)

_HELD = (BindingEvent.RAN_OUT, BindingEvent.RELEASED)

IMPOSSIBLE = {
    FREE: (*_HELD, BindingEvent.ACKNOWLEDGED, BindingEvent.RESET, BindingEvent.TAKEN, BindingEvent.CLEARED),
    BACKUP: (*_HELD, BindingEvent.ACKNOWLEDGED, BindingEvent.RESET, BindingEvent.GIVEN, BindingEvent.CLEARED),
    ACTIVE: (BindingEvent.ACKNOWLEDGED, BindingEvent.GIVEN, BindingEvent.TAKEN, BindingEvent.CLEARED),
    EXPIRED: (*_HELD, BindingEvent.GIVEN, BindingEvent.TAKEN, BindingEvent.CLEARED),
    RELEASED: (*_HELD, BindingEvent.GIVEN, BindingEvent.TAKEN, BindingEvent.CLEARED),
    RESET: (
        *_HELD,
        BindingEvent.DECLINED,
        BindingEvent.RESET,
        BindingEvent.GIVEN,
        BindingEvent.TAKEN,
        BindingEvent.CLEARED,
    ),
    ABANDONED: (*_HELD, BindingEvent.ACKNOWLEDGED, BindingEvent.LEASED, BindingEvent.GIVEN, BindingEvent.TAKEN),
}
"""Nobody holds a free address, only an ended one waits for the partner, only free ones change owner."""

_NEXT = {(row.state, row.event): row.to for row in TRANSITIONS}


def next_state(state: BindingState, event: BindingEvent) -> BindingState:
    """Raises ValueError for an event that cannot happen in this state."""
    try:
        return _NEXT[state, event]
    except KeyError:
        raise ValueError(f"an address that is {state.name} cannot meet the event: {event.value}") from None


def can_meet(state: BindingState, event: BindingEvent) -> bool:
    return (state, event) in _NEXT


class Verdict(Enum):
    """What decides whether a claim of the partner is accepted."""

    ACCEPT = "always"
    LATER_TRANSACTION = "its client transaction is later than ours"
    LEASE_OVER = "our lease has run out"
    AFTER_OUR_RESET = "its client transaction is later than our reset"
    SAME_CLIENT = "the client is the same, its transaction not earlier; of two clients the primary keeps the one whose lease runs"
    QUARANTINE_OVER = "our quarantine is over"


_LATER, _OVER, _OK = Verdict.LATER_TRANSACTION, Verdict.LEASE_OVER, Verdict.ACCEPT
CLAIMS = (ACTIVE, EXPIRED, RELEASED, FREE, BACKUP, RESET, ABANDONED)

VERDICTS: dict[BindingState, tuple[Verdict, ...]] = {
    # ours       ACTIVE               EXPIRED RELEASED FREE   BACKUP  RESET  ABANDONED  (claimed by the partner)
    ACTIVE: (Verdict.SAME_CLIENT, _OVER, _LATER, _OVER, _OVER, _OK, _OK),
    EXPIRED: (_LATER, _OK, _OK, _OK, _OK, _OK, _OK),
    RELEASED: (_LATER, _LATER, _OK, _OK, _OK, _OK, _OK),
    FREE: (_OK, _OK, _OK, _OK, _OK, _OK, _OK),
    BACKUP: (_OK, _OK, _OK, _OK, _OK, _OK, _OK),
    RESET: (Verdict.AFTER_OUR_RESET, _OK, _OK, _OK, _OK, _OK, _OK),
    ABANDONED: (*(Verdict.QUARANTINE_OVER,) * 5, _OK, _OK),
}
"""D12 figure 7.1.3-1, for the draft and Windows. The figure never lets go of ABANDONED; here a claim ends it once our own
quarantine would end as well, so that the two servers need not end it in the same second."""


def judge(
    ours: Binding, claim: Binding, now: int, role: Role, *, unacked: bool, in_normal: bool, dialect: Dialect
) -> RejectReason | None:
    """Whether to accept the partner's claim of an address: None to accept, else the reason to give.

    `claim` is what the partner says, its potential expiry in `received_pe_s`. `unacked`: an update of our own for the address is
    on its way, so that the two cross. Transactions of one second count as later, because a client may release in the second in
    which it renewed. Where updates cross, the primary's stands unless the secondary's transaction is later: if each side accepted
    the other's, they would only have exchanged their views.
    """
    if dialect.flavour is Flavour.ISC:
        return _judge_like_isc(ours, claim, now, role, unacked=unacked, in_normal=in_normal)
    if unacked and role is Role.PRIMARY and ours.state in (FREE, BACKUP) and claim.state is not ACTIVE:
        # Whose a free address is, is the primary's to say (D12 5.4): accepted on both sides, it would be free for both.
        return RejectReason.LESS_CRITICAL_BINDING_INFORMATION
    verdict = VERDICTS[ours.state][CLAIMS.index(claim.state)]
    is_lease = claim.state not in (FREE, BACKUP)
    if verdict is Verdict.QUARANTINE_OVER and is_lease and not dialect.keeps_partners_declined:
        verdict = Verdict.LATER_TRANSACTION  # C12: the partner, who never held it declined, has leased it without trouble since
    if verdict is Verdict.QUARANTINE_OVER and now < ours.stos_s + dialect.timers.abandoned_s:
        return RejectReason.LESS_CRITICAL_BINDING_INFORMATION
    if verdict is Verdict.SAME_CLIENT and not same_client(ours.client, claim.client):
        return RejectReason.FATAL_CONFLICT if role is Role.PRIMARY and now < ours.expiry_s else None
    crosses = unacked and role is Role.PRIMARY
    is_as_late = claim.cltt_s > ours.cltt_s or (claim.cltt_s == ours.cltt_s and not crosses)
    is_later = is_as_late and claim.cltt_s > 0
    holds = {
        Verdict.ACCEPT: True,
        Verdict.QUARANTINE_OVER: True,
        Verdict.LATER_TRANSACTION: is_later,
        Verdict.SAME_CLIENT: is_as_late,
        Verdict.LEASE_OVER: now >= ours.expiry_s and (is_later or not crosses),
        Verdict.AFTER_OUR_RESET: claim.cltt_s > ours.stos_s,
    }[verdict]
    return None if holds else RejectReason.OUTDATED_BINDING_INFORMATION


def _judge_like_isc(ours: Binding, claim: Binding, now: int, role: Role, *, unacked: bool, in_normal: bool) -> RejectReason | None:
    """dhcpd 4.4.3 (failover-protocol.md section 10, points 2 and 5).

    One thing is ours: a lease that runs is freed by nothing older. dhcpd looks at the claim's potential expiry instead, which is
    0 from a partner that does not know of the lease yet.
    """
    is_running = ours.state is ACTIVE and now < ours.expiry_s
    is_older_release = claim.state is RELEASED and 0 < claim.cltt_s < ours.cltt_s
    if is_running and (is_older_release or claim.state in (FREE, BACKUP)):
        return RejectReason.FATAL_CONFLICT
    if unacked and not _wins_duel(ours, claim, role):
        return RejectReason.LESS_CRITICAL_BINDING_INFORMATION
    if ours.state is ACTIVE and in_normal and role is Role.PRIMARY:
        refused = claim.state not in (ACTIVE, RELEASED, ABANDONED)
    elif claim.state in (FREE, BACKUP):
        refused = (
            claim.received_pe_s > now and ours.state in (ACTIVE, EXPIRED, RESET)
            if in_normal and role is Role.SECONDARY
            else not in_normal and ours.state is ACTIVE
        )
    else:
        refused = claim.state is EXPIRED and ours.state is ACTIVE and ours.expiry_s - ISC_EXPIRY_TOLERANCE_S > now
    return RejectReason.FATAL_CONFLICT if refused else None


def _wins_duel(ours: Binding, claim: Binding, role: Role) -> bool:
    if ours.state is ACTIVE and claim.state is ACTIVE:
        return claim.cltt_s > ours.cltt_s or (claim.cltt_s == ours.cltt_s and role is Role.SECONDARY)
    if ours.state is ACTIVE and claim.state is EXPIRED:
        return True
    return claim.state is ACTIVE or role is Role.SECONDARY


def same_client(one: Client | None, other: Client | None) -> bool:
    return one is not None and other is not None and one.identity == other.identity


def lease_time(desired_s: int, known_pe_s: int, now: int, mclt_s: int) -> int:
    """The longest lease that keeps within MCLT of what the partner knows, never more than desired (D12 5.2.1)."""
    if known_pe_s >= UNLIMITED_S:
        return desired_s
    return min(desired_s, max(known_pe_s - now, 0) + mclt_s)


def granted_lease_time(desired_s: int, known_pe_s: int, now: int, mclt_s: int, *, cut_off: bool, dialect: Dialect) -> int:
    """The lease to give; `cut_off` while the partner cannot hear of it, where Windows never gives more than MCLT (EXA)."""
    if cut_off and dialect.cut_off_lease is CutOffLease.MCLT:
        return min(desired_s, mclt_s)
    return lease_time(desired_s, known_pe_s, now, mclt_s)


def instant_after(now: int, duration_s: int) -> int:
    return UNLIMITED_S if duration_s >= UNLIMITED_S else min(now + duration_s, UNLIMITED_S)


def potential_expiry(desired_s: int, lease_s: int, now: int) -> int:
    """What to tell the partner, so that a renewal at half time can be given the desired lease (D12 5.2.1, as dhcpd counts it)."""
    return UNLIMITED_S if desired_s >= UNLIMITED_S else min(now + desired_s + lease_s // 2, UNLIMITED_S)


def leased(binding: Binding, client: Client, desired_s: int, lease_s: int, now: int) -> Binding:
    """The binding after a lease was given.

    A potential expiry before the one that the partner knows replaces that one there, so it bounds what is known here from now on.
    """
    told = potential_expiry(desired_s, lease_s, now)
    renewed = binding.state is ACTIVE and same_client(binding.client, client)
    return Binding(
        address=binding.address,
        state=next_state(binding.state, BindingEvent.LEASED),
        client=client,
        expiry_s=instant_after(now, lease_s),
        sent_pe_s=told,
        acked_pe_s=min(binding.acked_pe_s, told) if renewed else 0,
        received_pe_s=min(binding.received_pe_s, told) if renewed else 0,
        stos_s=binding.stos_s if renewed else now,
        cltt_s=now,
        owed=True,
    )


def moved(binding: Binding, event: BindingEvent, now: int) -> Binding:
    """The binding after an event other than a lease. A free address keeps its last client and forgets all promises."""
    state = next_state(binding.state, event)
    if state in (FREE, BACKUP):
        return free(binding, state, now, owed=event is not BindingEvent.ACKNOWLEDGED)
    heard = event in (BindingEvent.RELEASED, BindingEvent.DECLINED)
    client = None if state is ABANDONED else binding.client
    return binding._replace(state=state, client=client, stos_s=now, cltt_s=now if heard else binding.cltt_s, owed=True)


def free(binding: Binding, state: BindingState, now: int, *, owed: bool) -> Binding:
    return Binding(binding.address, state, binding.client, stos_s=now, cltt_s=binding.cltt_s, owed=owed)


def announced(binding: Binding) -> Binding:
    """The binding as the partner is told of it. A lease that this server did not give, or only imported, is announced with the
    expiry it is known to have."""
    told = max(binding.sent_pe_s, binding.received_pe_s, binding.expiry_s)
    return binding._replace(sent_pe_s=told) if binding.state is ACTIVE and told > binding.sent_pe_s else binding


def accepted(ours: Binding, claim: Binding, now: int) -> Binding:
    """The binding after an accepted claim. An end is acknowledged by accepting it, so it is FREE here at once (ISC)."""
    if claim.state in (FREE, BACKUP, *ENDED):
        state = FREE if claim.state in ENDED else claim.state
        client = claim.client or ours.client
        return Binding(ours.address, state, client, stos_s=claim.stos_s or now, cltt_s=claim.cltt_s or ours.cltt_s)
    return claim._replace(
        sent_pe_s=0 if claim.state is ABANDONED else ours.sent_pe_s,
        acked_pe_s=min(ours.acked_pe_s, claim.received_pe_s),
        cltt_s=claim.cltt_s or now,
        stos_s=claim.stos_s or now,
    )


def acknowledged(ours: Binding, sent: Binding, now: int, *, by_memory: bool) -> Binding:
    """The binding after the partner acknowledged `sent`, an earlier or the present state of it.

    `by_memory`: the partner knows what it has promised. One that recovers without it agrees to the end of a lease that it may have
    renewed itself; the address is free only when the recovery is over, see `settled`.
    """
    if ours is not sent:
        if ours.state is ACTIVE and sent.state is ACTIVE and same_client(ours.client, sent.client):
            return ours._replace(acked_pe_s=min(sent.sent_pe_s, ours.sent_pe_s))
        return ours
    if ours.state in ENDED and by_memory:
        return moved(ours, BindingEvent.ACKNOWLEDGED, now)
    return ours._replace(acked_pe_s=ours.sent_pe_s, owed=False)


def settled(binding: Binding, now: int) -> Binding:
    """The binding in NORMAL, when nothing that was promised before can hold any longer: an agreed end is FREE."""
    is_agreed = binding.state in ENDED and not binding.owed
    return moved(binding, BindingEvent.ACKNOWLEDGED, now) if is_agreed else binding


def is_own_free(binding: Binding, role: Role) -> bool:
    """Whether the address is this server's to lease. What the primary takes back is so once the secondary has agreed (D12 5.4)."""
    return binding.state is OWN_FREE[role] and not binding.owed


def reusable_at(binding: Binding, role: Role, partner_down_since_s: int, mclt_s: int) -> int | None:
    """From when on a server in PARTNER-DOWN may give the address to another client (D12 9.4.2); None: not by waiting."""
    if is_own_free(binding, role):
        return 0
    if binding.state in (FREE, BACKUP):
        return partner_down_since_s + mclt_s
    if binding.state is ABANDONED or binding.latest_s >= UNLIMITED_S:
        return None
    return max(partner_down_since_s, binding.latest_s) + mclt_s


def recover_wait_end(failed_at_s: int | None, started_at_s: int, mclt_s: int, *, partner_is_new_too: bool) -> int:
    """When RECOVER-WAIT ends: MCLT after the failure, or after the start when nothing is known of it (D12 9.6.1).

    Two servers that both recover have promised nothing that the other could break, so they do not wait (ISC, EXA).
    """
    if partner_is_new_too:
        return 0
    return (started_at_s if failed_at_s is None else failed_at_s) + mclt_s
