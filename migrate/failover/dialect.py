"""Where servers that speak failover differ from one another: one record decides, and nothing else in the engine asks who it plays.

The fields cover the contradictions C1 to C6, C10 and C12 of windows-failover.md section 10 and the deviations of dhcpd 4.4.3
noted in failover-protocol.md; their defaults are the choices taken there for Windows. The other contradictions are not the
engine's: C7 and C8 are preflight rules, C9 and C11 belong to the emitters, C13 to the merge.

Which state follows which differs too. That is written in the tables of `states` and `bindings`, in the row concerned;
`flavour` selects the row. How messages look as octets is the codec's business (`profile`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from migrate.failover.codes import Profile


class Flavour(StrEnum):
    """Whose exceptions to the draft apply in the state tables."""

    DRAFT = "draft"
    ISC = "isc"
    WINDOWS = "windows"


class SkewCheck(Enum):
    NEVER = "never"
    AT_CONNECT = "at connect"
    EVERY_MESSAGE = "every message"


class SkewAction(Enum):
    REJECT = "reject"
    """Refuse what the message asks for and stay connected."""
    CLOSE = "close"


class ReserveBase(Enum):
    FREE_ADDRESSES = "free addresses"
    ADDRESS_RANGE = "address range"


class HashKey(Enum):
    HARDWARE_ADDRESS = "hardware address"
    CLIENT_IDENTIFIER = "client identifier, else hardware address"


class CutOffLease(Enum):
    """How long a lease is that a server gives while its partner cannot hear of it."""

    MCLT = "MCLT"
    """Never more than MCLT from now."""
    KNOWN_EXPIRY_PLUS_MCLT = "known expiry plus MCLT"
    """Up to MCLT beyond the latest expiry that the partner knows, as in NORMAL."""


class Sharing(Enum):
    """How the free addresses of a range are divided."""

    BY_RATIO = "ratio"
    """The load percentage or the reserve percentage; moved by the primary alone."""
    HALVES = "halves"
    """Fifty-fifty whatever the load split, moved by either side once it is out of balance (failover-protocol.md section 7)."""


class FullUpdate(Enum):
    ALWAYS = "always"
    """dhcpd."""
    WHEN_NOTHING_STORED = "when nothing is stored"
    """The draft, 9.5.2."""
    AFTER_RESTORE = "after a database restore"
    """Windows (DHCPF 3.1.7.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """All in seconds; Windows' defaults (windows-failover.md section 4.2)."""

    receive_s: int = 180
    """Nothing received for so long: the link is dropped."""
    startup_s: int = 300
    connection_retry_s: int = 60
    """Shorter than STARTUP, or a server that returns serves clients before it has heard that its partner went PARTNER-DOWN."""
    connect_wait_s: int = 180
    """A new link on which no CONNECT, or no answer to one, has come for so long is closed."""
    rebalancing_s: int = 300
    offer_s: int = 60
    """How long an offered address is kept for the client that has not asked for it yet."""
    abandoned_s: int = 86400
    """How long an address stays out of use after a DECLINE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    flavour: Flavour = Flavour.WINDOWS
    profile: Profile = Profile.WINDOWS
    """How the codec writes and reads the link."""

    any_server_renews: bool = False
    """C1. In NORMAL every server answers RENEWAL and REBINDING of any client (draft 9.8.2). Windows' non-owner stays silent even
    to a unicast renewal (EXA steps 19-21)."""
    balances_init_reboot: bool = True
    """In NORMAL a client that asks for its old address after a reboot is answered by its owner alone. dhcpd balances no REQUEST."""
    balance_max_secs: int | None = None
    """A DISCOVER that has waited longer than this (its secs field) is answered by both. None: never. dhcpd's default is 3."""
    hash_key: HashKey = HashKey.HARDWARE_ADDRESS
    """C6."""

    skew_check: SkewCheck = SkewCheck.EVERY_MESSAGE
    skew_action: SkewAction = SkewAction.REJECT
    """C2. ARC: rejected, event 20253, no state change. DHCPF 3.1.5: the connection is closed."""
    allowed_skew_s: int = 60

    secondary_dials: bool = False
    """C3. The primary connects and sends CONNECT. dhcpd dials from both ends."""
    primary_accepts_connect: bool = True
    """C3. DHCPF 3.2.7.1 lets each server send CONNECT, so a primary answers one too."""

    partner_pool_while_interrupted: bool = False
    """C4. True is the reading of MOD: own free addresses first, then the partner's. It allows duplicates."""
    reserve_base: ReserveBase = ReserveBase.FREE_ADDRESSES
    """C5. What the reserve percentage is a percentage of."""
    takes_over_without_partner_down: bool = False
    """C10. True is the sentence of L-OVR that omits the state: the standby uses the whole pool once MCLT has passed in
    COMMUNICATIONS-INTERRUPTED. It allows duplicates."""
    keeps_partners_declined: bool = False
    """C12. Whether an address that the partner saw declined is out of use here too. The mapping list of DHCPF makes it EXPIRED, so
    on Windows only the server that saw the decline keeps it declined."""

    cut_off_lease: CutOffLease = CutOffLease.MCLT
    """EXA grants M in COMMUNICATIONS-INTERRUPTED and PARTNER-DOWN; the draft only bounds the end (5.2.1), and so does dhcpd."""
    sharing: Sharing = Sharing.BY_RATIO
    rebalances_at_once: bool = False
    """On entering NORMAL; Windows then only restarts its timer."""
    max_misbalance_percent: int = 15
    max_ownership_percent: int = 10
    """Thresholds of HALVES, dhcpd's defaults."""

    full_update: FullUpdate = FullUpdate.AFTER_RESTORE
    """When RECOVER asks for everything (UPDREQALL) and not only for what is owed."""
    asks_for_updates_on_return: bool = True
    """EXA: UPDREQ also when COMMUNICATIONS-INTERRUPTED ends. In the draft each side then simply sends what it owes."""
    serves_while_unsettled: bool = True
    """RECOVER-DONE, RESOLUTION-INTERRUPTED and CONFLICT-DONE answer clients (draft 9.7, 9.11, 9.12). dhcpd serves in none."""
    silent_beside_partner_down: bool = False
    """dhcpd stops serving while its partner's last state is PARTNER-DOWN, POTENTIAL-CONFLICT, CONFLICT-DONE or
    RESOLUTION-INTERRUPTED."""
    expiry_grace_s: int = 60
    """A lease counts as run out so long after its end, because the partner that gave it may have a slower clock."""
    secondary_expires_in_normal: bool = False
    """Whether the secondary, too, turns leases that ran out into EXPIRED in NORMAL."""

    batch_size: int = 16
    """Binding updates in one BNDUPD; dhcpd closes the connection on a second one."""
    queue_limit: int | None = None
    """Binding updates that may wait to be sent; more are dropped and left to the next UPDREQ. Windows' limit is not documented."""
    max_unacked: int = 10
    """BNDUPD messages that may wait for their BNDACK. Windows takes its own value and not the partner's (DHCPF 3.3.5.1)."""
    believes_connect: bool = False
    """MCLT, the hash buckets, the partner's window and its receive timer are taken from CONNECT and CONNECTACK (dhcpd)."""
    heeds_disconnect: bool = False
    """Windows drops DISCONNECT, so it sends none."""
    asks_for_addresses: bool = False
    """POOLREQ and POOLRESP; Windows drops both (DHCPF 3.2.5.2, 3.3.5.2)."""
    set_bucket_is_secondarys: bool = False
    """What a set bit of the hash-bucket-assignment means: D12 12.11 says the secondary, dhcpd the primary."""

    timers: Timers = field(default_factory=Timers)


WINDOWS = Dialect()

ISC = Dialect(
    flavour=Flavour.ISC,
    profile=Profile.ISC,
    any_server_renews=True,
    balances_init_reboot=False,
    balance_max_secs=3,
    hash_key=HashKey.CLIENT_IDENTIFIER,
    skew_check=SkewCheck.AT_CONNECT,
    skew_action=SkewAction.CLOSE,
    secondary_dials=True,
    keeps_partners_declined=True,
    cut_off_lease=CutOffLease.KNOWN_EXPIRY_PLUS_MCLT,
    sharing=Sharing.HALVES,
    rebalances_at_once=True,
    expiry_grace_s=0,
    full_update=FullUpdate.ALWAYS,
    asks_for_updates_on_return=False,
    serves_while_unsettled=False,
    silent_beside_partner_down=True,
    batch_size=1,
    believes_connect=True,
    heeds_disconnect=True,
    asks_for_addresses=True,
    timers=Timers(receive_s=20, startup_s=15, connection_retry_s=5, connect_wait_s=15, rebalancing_s=60),
)

DRAFT = Dialect(
    flavour=Flavour.DRAFT,
    profile=Profile.ISC,
    any_server_renews=True,
    hash_key=HashKey.CLIENT_IDENTIFIER,
    skew_check=SkewCheck.NEVER,
    skew_action=SkewAction.CLOSE,
    keeps_partners_declined=True,
    cut_off_lease=CutOffLease.KNOWN_EXPIRY_PLUS_MCLT,
    full_update=FullUpdate.WHEN_NOTHING_STORED,
    rebalances_at_once=True,
    asks_for_updates_on_return=False,
    batch_size=1,
    believes_connect=True,
    heeds_disconnect=True,
    asks_for_addresses=True,
    set_bucket_is_secondarys=True,
    timers=Timers(startup_s=10, connection_retry_s=5),
)
