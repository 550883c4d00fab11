"""The connection to the partner: dialling, CONNECT and CONNECTACK, and the timers that keep it alive or give it up.

Established means that CONNECT is answered. That a STATE must follow, and what it says, is the endpoint's business.
What stands here is failover-protocol.md section 1 (D12 sections 7.8, 7.9, 8.2 to 8.7) and windows-failover.md section 4.2.
"""

from __future__ import annotations

from enum import Enum

from migrate.failover import balance
from migrate.failover.codes import PROTOCOL_VERSION, MessageType, RejectReason, TlsRequest
from migrate.failover.core import Core
from migrate.failover.dialect import SkewCheck
from migrate.failover.effects import Dial, HangUp
from migrate.failover.messages import Connect, ConnectAck, Disconnect, Message
from migrate.failover.notes import CLOCKS_APART, CONNECTION_REFUSED, CONNECTION_WAS_REFUSED, PROTOCOL_BROKEN
from migrate.model.server import Role

VENDOR_CLASS = "unsplit"


class Phase(Enum):
    DOWN = "down"
    OPEN = "open"
    """Connected, but CONNECT is not answered yet."""
    ESTABLISHED = "established"


class Link:
    __slots__ = ("_core", "_opened_at", "_received_at", "_retry_at", "_skew_noted", "contact_s", "phase", "window")

    def __init__(self, core: Core) -> None:
        self._core = core
        self.phase = Phase.DOWN
        self._retry_at: int | None = None
        self._opened_at = 0
        self._received_at = 0
        self._skew_noted = False
        self.window = core.dialect.max_unacked
        """BNDUPD messages that may wait for their BNDACK."""
        self.contact_s = max(core.dialect.timers.receive_s // 3, 1)
        """CONTACT is sent after this silence of our own."""

    @property
    def _dials(self) -> bool:
        return self._core.role is Role.PRIMARY or self._core.dialect.secondary_dials

    def dial(self, now: int) -> None:
        if self._dials:
            self._core.effects.append(Dial())
            self._retry_at = now + self._core.dialect.timers.connection_retry_s

    def opened(self, now: int) -> None:
        """The primary speaks first (C3; D12 8.2)."""
        self.phase = Phase.OPEN
        self._retry_at = None
        self._opened_at = self._received_at = now
        self._skew_noted = False
        self._core.restart_xids()
        if self._core.role is Role.PRIMARY:
            self._core.send(MessageType.CONNECT, self._connect(), now=now)

    def closed(self, now: int) -> None:
        self.phase = Phase.DOWN
        if self._dials:
            self._retry_at = now + self._core.dialect.timers.connection_retry_s

    def hang_up(self, reason: str, now: int, *, reject: RejectReason | None = None) -> None:
        """Close the connection; where DISCONNECT is heeded and there is a reason for it, say so first (D12 8.7)."""
        if reject is not None and self._core.dialect.heeds_disconnect:
            self._core.send(MessageType.DISCONNECT, Disconnect(reject_reason=reject, message=reason), now=now)
        self._core.effects.append(HangUp(reason))
        self.closed(now)

    def heard(self, now: int) -> None:
        self._received_at = now

    def deadline(self) -> int | None:
        if self.phase is Phase.DOWN:
            return self._retry_at
        if self.phase is Phase.OPEN:
            return self._opened_at + self._core.dialect.timers.connect_wait_s
        return min(self._received_at + self._core.dialect.timers.receive_s, self._core.sent_at_s + self.contact_s)

    def timer(self, now: int) -> str | None:
        """Why the link is lost by now, if it is; the endpoint then hangs up. Otherwise whatever is due is sent."""
        timers = self._core.dialect.timers
        if self.phase is Phase.DOWN:
            if self._retry_at is not None and now >= self._retry_at:
                self.dial(now)
        elif self.phase is Phase.OPEN:
            if now >= self._opened_at + timers.connect_wait_s:
                return f"no CONNECT answered in {timers.connect_wait_s} s"
        elif now >= self._received_at + timers.receive_s:
            return f"nothing received for {timers.receive_s} s"
        elif now >= self._core.sent_at_s + self.contact_s:
            self._core.send(MessageType.CONTACT, now=now)
        return None

    def check_clock(self, message: Message, now: int) -> bool:
        """Whether the partner's clock agrees with ours; noted once on each connection (C2)."""
        apart = message.time_s - now
        if abs(apart) <= self._core.dialect.allowed_skew_s:
            self._skew_noted = False
            return True
        if not self._skew_noted:
            self._skew_noted = True
            self._core.note(CLOCKS_APART, apart)
        return False

    def answer_connect(self, message: Message, now: int) -> bool:
        """CONNECT has come: answer it. True when the link is established by it."""
        connect = Connect.read(message.options)
        reject = self._fault_of_connect(connect, message, now)
        if reject is not None:
            self._core.note(CONNECTION_REFUSED, reject.name)
            refusal = ConnectAck(
                relationship_name=self._core.configuration.name,
                protocol_version=PROTOCOL_VERSION,
                tls_reply=self._tls_reply(connect),
                reject_reason=reject,
                message=reject.name,
            )
            self._core.send(MessageType.CONNECTACK, refusal, now=now, xid=message.xid)
            if reject is not RejectReason.DUPLICATE_CONNECTION:
                self.hang_up(f"connection refused: {reject.name}", now)
            return False
        self._core.send(MessageType.CONNECTACK, self._acceptance(connect), now=now, xid=message.xid)
        self._believe(connect)
        if self._core.dialect.believes_connect and self._core.role is Role.SECONDARY:
            self._core.mclt_s = connect.mclt_s or self._core.mclt_s
            self._core.buckets = self._primary_buckets(connect.hash_buckets)
        self.phase = Phase.ESTABLISHED
        return True

    def _fault_of_connect(self, connect: Connect, message: Message, now: int) -> RejectReason | None:
        """In the order in which dhcpd checks; what its partner says beyond the name is nothing to Windows (DHCPF 3.3.5.1)."""
        dialect = self._core.dialect
        if connect.relationship_name != self._core.configuration.name:
            return RejectReason.INVALID_PARTNER
        if self._core.role is Role.PRIMARY and not dialect.primary_accepts_connect:
            return RejectReason.INVALID_PARTNER
        if dialect.skew_check is SkewCheck.AT_CONNECT and not self.check_clock(message, now):
            return RejectReason.TIME_MISMATCH
        if dialect.believes_connect and connect.hash_buckets is None:
            return RejectReason.HASH_BUCKET_CONFLICT
        if self.phase is Phase.ESTABLISHED:
            return RejectReason.DUPLICATE_CONNECTION
        if dialect.believes_connect and not connect.mclt_s:
            return RejectReason.INVALID_MCLT
        return None

    def take_connectack(self, message: Message, now: int) -> bool:
        """CONNECTACK has come. True when the link is established by it."""
        answer = ConnectAck.read(message.options)
        if self.phase is not Phase.OPEN:
            self._core.note(PROTOCOL_BROKEN, "CONNECTACK without a CONNECT")
            return False
        if answer.reject_reason is not None:
            reason = answer.reject_reason.name if isinstance(answer.reject_reason, RejectReason) else str(answer.reject_reason)
            self._core.note(CONNECTION_WAS_REFUSED, reason)
            self.hang_up(f"connection refused by the partner: {reason}", now)
            return False
        if answer.relationship_name != self._core.configuration.name:
            self.hang_up("CONNECTACK for another relationship", now, reject=RejectReason.INVALID_PARTNER)
            return False
        if self._core.dialect.skew_check is SkewCheck.AT_CONNECT and not self.check_clock(message, now):
            self.hang_up("clocks apart", now, reject=RejectReason.TIME_MISMATCH)
            return False
        self._believe(answer)
        self.phase = Phase.ESTABLISHED
        return True

    def _believe(self, partner: Connect | ConnectAck) -> None:
        if self._core.dialect.believes_connect:
            if partner.max_unacked_bndupd is not None:
                self.window = partner.max_unacked_bndupd
            if partner.receive_timer_s:
                self.contact_s = max(partner.receive_timer_s // 3, 1)

    def _connect(self) -> Connect:
        core = self._core
        flip = core.dialect.set_bucket_is_secondarys
        return Connect(
            relationship_name=core.configuration.name,
            max_unacked_bndupd=core.dialect.max_unacked,
            receive_timer_s=core.dialect.timers.receive_s,
            vendor_class=VENDOR_CLASS,
            protocol_version=PROTOCOL_VERSION,
            tls_request=TlsRequest.NO if core.dialect.believes_connect else None,
            mclt_s=core.mclt_s,
            hash_buckets=balance.complement(core.buckets) if flip else core.buckets,
        )

    def _primary_buckets(self, assignment: bytes | None) -> bytes:
        if assignment is None:
            return self._core.buckets
        return balance.complement(assignment) if self._core.dialect.set_bucket_is_secondarys else assignment

    def _acceptance(self, connect: Connect) -> ConnectAck:
        return ConnectAck(
            relationship_name=self._core.configuration.name,
            max_unacked_bndupd=self._core.dialect.max_unacked,
            receive_timer_s=self._core.dialect.timers.receive_s,
            vendor_class=VENDOR_CLASS,
            protocol_version=PROTOCOL_VERSION,
            tls_reply=self._tls_reply(connect),
        )

    def _tls_reply(self, connect: Connect) -> int | None:
        """There is never TLS; a request for it is answered, because D12 7.9 wants an answer."""
        return None if connect.tls_request is None else 0
