"""What an endpoint wants done, in order, and what it can be asked for. It does nothing itself.

The order is a contract: a Store comes before the Send or Answer that depends on it, and a server that stops between two effects
must be able to go on from what was stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from migrate.failover.bindings import Binding, Client
from migrate.failover.codes import MessageType, RejectReason, ServerState
from migrate.failover.messages import Message
from migrate.failover.notes import Note


class ServerRecord(NamedTuple):
    """The server state as stable storage holds it."""

    state: ServerState
    since_s: int
    """Start time of the state."""
    previous: ServerState | None = None
    """The state before PAUSED or SHUTDOWN, in which the server resumes (D12 9.13, 9.14)."""


class Store(NamedTuple):
    """Put the record into stable storage, in the place of the one with the same address (or of the server record)."""

    record: Binding | ServerRecord
    at_s: int


class Send(NamedTuple):
    """To the partner, over the present connection."""

    message: Message


class ReplyKind(Enum):
    OFFER = "DHCPOFFER"
    ACK = "DHCPACK"
    NAK = "DHCPNAK"


class Answer(NamedTuple):
    """To a client."""

    kind: ReplyKind
    client: Client
    server_id: int
    address: int = 0
    lease_s: int | None = None
    """None: no lease is given (a NAK, or the answer to DHCPINFORM). T1 is half of it, T2 seven eighths."""
    delay_ms: int = 0
    policies: tuple[str, ...] = ()
    """Names of the scope policies that the client matches, in processing order."""


class Dial(NamedTuple):
    """Open a connection to the partner; the outcome comes back as `connected` or `disconnected`."""


class HangUp(NamedTuple):
    """Close the connection. The endpoint already regards it as lost."""

    reason: str


Effect = Store | Send | Answer | Note | Dial | HangUp


class RequestKind(Enum):
    DISCOVER = "DHCPDISCOVER"
    SELECTING = "DHCPREQUEST, selecting"
    INIT_REBOOT = "DHCPREQUEST, init-reboot"
    RENEWING = "DHCPREQUEST, renewing"
    """Unicast to the server that gave the lease."""
    REBINDING = "DHCPREQUEST, rebinding"
    DECLINE = "DHCPDECLINE"
    RELEASE = "DHCPRELEASE"
    INFORM = "DHCPINFORM"


class DhcpRequest(NamedTuple):
    """What a client asks of this server (RFC 2131 section 4.3)."""

    kind: RequestKind
    client: Client
    link: int
    """The relay's address, or one of the server's own on the client's wire: it says in which subnet the client is."""
    address: int = 0
    """The requested address, or the client's own (ciaddr); 0 when a DISCOVER wants none in particular."""
    server_id: int = 0
    """Option 54; 0 when absent."""
    secs: int = 0
    attributes: Mapping[str, str] = {}
    """By field of a policy condition: VendorClass, UserClass, Fqdn, ... ; MacAddress and ClientId are known without it."""


class Order(Enum):
    """What an operator may ask for."""

    PARTNER_DOWN = "partner is down"
    PAUSE = "pause"
    SHUT_DOWN = "shut down"
    REBALANCE = "rebalance now"


class ResetAddress(NamedTuple):
    """The operator makes an address free again, once the partner has agreed."""

    address: int


class AskForUpdates(NamedTuple):
    """UPDREQ for some scopes only: they have just joined the relationship (MS-DHCPF 2.2.1)."""

    scope_ids: tuple[int, ...]


class BadDigest(NamedTuple):
    """A message came whose digest was not acceptable: it is dropped and the connection closed (MS-DHCPF 3.1.5)."""

    type: MessageType
    fault: RejectReason


Submission = DhcpRequest | Order | ResetAddress | AskForUpdates | BadDigest


@dataclass(slots=True)
class Storage:
    """Stable storage as an endpoint finds it at its start, and as its Store effects change it."""

    server: ServerRecord | None = None
    bindings: dict[int, Binding] = field(default_factory=dict)
    last_operation_s: int | None = None
    """When anything was stored last: no promise was made after it."""
    is_restored: bool = False
    """The database was restored or lost, so what it says of the past is not to be trusted (DHCPF 3.1.7.2)."""

    def apply(self, store: Store) -> None:
        self.last_operation_s = store.at_s
        if isinstance(store.record, Binding):
            self.bindings[store.record.address] = store.record
        else:
            self.server = store.record
            self.is_restored = self.is_restored and store.record.state is ServerState.RECOVER
