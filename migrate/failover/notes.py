"""What Windows logs while failover runs: event ids, channels and levels (windows-failover.md section 2.7; EVP is its source).

Texts are our own. A kind with event id 0 has no event on Windows: it tells the reader of a dry run why something did not happen.
Events of configuration changes (20240 to 20250) are not here, because an endpoint's configuration does not change.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from migrate.failover.codes import MessageType, RejectReason, ServerState


class Channel(Enum):
    ADMIN = "Admin"
    AUDIT = "Audit"
    SYSTEM = "System"
    AUDIT_FILE = "DhcpSrvLog"
    """The daily text file."""
    NONE = ""


class Level(Enum):
    INFORMATION = "Information"
    WARNING = "Warning"
    ERROR = "Error"


class NoteKind(NamedTuple):
    event_id: int
    channel: Channel
    level: Level
    text: str
    """A format of the note's subject; {0} is the relationship."""


class Note(NamedTuple):
    """For the logs: what Event Viewer would show, or a reason for silence."""

    kind: NoteKind
    subject: tuple[object, ...]

    @property
    def event_id(self) -> int:
        return self.kind.event_id

    @property
    def text(self) -> str:
        return self.kind.text.format(*self.subject)


_ADMIN, _AUDIT, _NONE = Channel.ADMIN, Channel.AUDIT, Channel.NONE
_INFORMATION, _WARNING, _ERROR = Level.INFORMATION, Level.WARNING, Level.ERROR

CLOCKS_APART = NoteKind(20253, _ADMIN, _ERROR, "{0}: the partner's clock differs by {1} s")
CONTACT_MADE = NoteKind(20254, _ADMIN, _INFORMATION, "{0}: in contact with the partner")
CONTACT_LOST = NoteKind(20255, _ADMIN, _ERROR, "{0}: contact with the partner lost: {1}")
UPDATE_DROPPED = NoteKind(20286, _ADMIN, _WARNING, "{0}: binding update for {1} dropped, the queue is full")
POOL_EXHAUSTED = NoteKind(20287, _ADMIN, _WARNING, "{0}: no address left for {1} in scope {2}")
REJECT_SENT = NoteKind(20291, _ADMIN, _WARNING, "{0}: binding update for {1} rejected: {2}")
REJECT_RECEIVED = NoteKind(20292, _ADMIN, _WARNING, "{0}: the partner rejected the binding update for {1}: {2}")
REDISTRIBUTED = NoteKind(20161, Channel.SYSTEM, _INFORMATION, "{0}: free addresses redistributed, {1} given, {2} taken back")
NOT_OUR_CLIENT = NoteKind(36, Channel.AUDIT_FILE, _INFORMATION, "{0}: {1} from {2} is the partner's to answer")
CONNECTION_REFUSED = NoteKind(20309, _AUDIT, _ERROR, "{0}: CONNECTACK sent with reject reason: {1}")
CONNECTION_WAS_REFUSED = NoteKind(20310, _AUDIT, _ERROR, "{0}: CONNECTACK received with reject reason: {1}")
SILENT = NoteKind(0, _NONE, _INFORMATION, "{0}: {1} from {2} not answered: {3}")
ORDER_REFUSED = NoteKind(0, _NONE, _WARNING, "{0}: order refused in {1}: {2}")
PROTOCOL_BROKEN = NoteKind(0, _NONE, _ERROR, "{0}: {1}")

_PAIRED = (
    (20289, MessageType.BNDUPD),
    (20293, MessageType.UPDREQ),
    (20295, MessageType.UPDDONE),
    (20297, MessageType.UPDREQALL),
    (20299, MessageType.CONTACT),
    (20301, MessageType.CONNECT),
    (20303, MessageType.STATE),
    (20305, MessageType.CONNECTACK),
    (20307, MessageType.BNDACK),
)
MESSAGE_SENT = {sent: NoteKind(number, _AUDIT, _INFORMATION, f"{{0}}: {sent.name} {{1}} sent") for number, sent in _PAIRED}
MESSAGE_RECEIVED = {got: NoteKind(number + 1, _AUDIT, _INFORMATION, f"{{0}}: {got.name} {{1}} received") for number, got in _PAIRED}


def state_note(previous: ServerState | None, new: ServerState) -> NoteKind:
    """For a change of state: {1} is the server's role, {2} its previous state.

    Error when leaving NORMAL or entering PARTNER-DOWN, information when entering NORMAL, warning otherwise (EVP). Events with
    ids 8 higher say the same where no previous state is known.
    """
    if new is ServerState.NORMAL:
        event_id, level = 20251, _INFORMATION
    elif previous is ServerState.NORMAL or new is ServerState.PARTNER_DOWN:
        event_id, level = 20252, _ERROR
    else:
        event_id, level = 20251, _WARNING
    if previous is None:
        return NoteKind(event_id + 8, _ADMIN, level, "{0}: the {1} server is in " + new)
    return NoteKind(event_id, _ADMIN, level, "{0}: the {1} server went from {2} to " + new)


_DIGEST_FAULTS = (RejectReason.DIGEST_FAILED, RejectReason.DIGEST_UNCONFIGURED, RejectReason.DIGEST_MISSING)
_DIGEST_EVENTS = {
    MessageType.BNDUPD: 20256,
    MessageType.BNDACK: 20261,
    MessageType.CONNECT: 20264,
    MessageType.CONNECTACK: 20267,
    MessageType.UPDREQALL: 20270,
    MessageType.UPDDONE: 20273,
    MessageType.UPDREQ: 20276,
    MessageType.STATE: 20279,
    MessageType.CONTACT: 20282,
}


def digest_note(message_type: MessageType, fault: RejectReason) -> NoteKind:
    """For a message whose digest did not do. Each type has three events: compare failed, not configured, not present."""
    event_id = _DIGEST_EVENTS[message_type] + _DIGEST_FAULTS.index(fault)
    return NoteKind(event_id, _ADMIN, _ERROR, f"{{0}}: {message_type.name} dropped: {fault.name}")
