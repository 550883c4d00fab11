"""What a live partner does and hears, as JSON objects for whoever watches it.

The octets of a message are there for `python -m migrate.failover decode`, which says what they mean.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from migrate.failover.bindings import Binding
from migrate.failover.codec import encode
from migrate.failover.codes import MessageType, Profile
from migrate.failover.effects import Answer, Dial, HangUp, Send, Store
from migrate.failover.endpoint import Endpoint
from migrate.failover.messages import Message
from migrate.failover.notes import Note
from migrate.live.journal import json_of_binding
from migrate.live.peer import Connected, Disconnected, Observed, Received


def describe(observed: Observed, profile: Profile) -> dict[str, Any]:
    match observed:
        case Store(Binding() as binding):
            return {"event": "binding", **json_of_binding(binding)}
        case Store(server):
            return {"event": "state", **server._asdict()}
        case Send(message):
            return {"event": "sent", **_message(message, profile)}
        case Received(message):
            return {"event": "received", **_message(message, profile)}
        case Answer():
            return {"event": "answer", "kind": observed.kind.value, **_lease(observed)}
        case Note():
            return {"event": "note", "id": observed.event_id, "text": observed.text}
        case Connected(dialled):
            return {"event": "connected", "by": "us" if dialled else "the partner"}
        case Dial():
            return {"event": "dial"}
        case HangUp(reason):
            return {"event": "hang up", "reason": reason}
        case Disconnected(reason):
            return {"event": "disconnected", "reason": reason}


def overview(endpoint: Endpoint) -> dict[str, Any]:
    """The whole of what the partner knows."""
    return {
        "event": "overview",
        "state": endpoint.state,
        "since_s": endpoint.state_since_s,
        "partner": endpoint.partner_state,
        "communications": endpoint.communications_ok,
        "bindings": [json_of_binding(binding) for binding in endpoint.table.records()],
    }


def _message(message: Message, profile: Profile) -> dict[str, Any]:
    name = message.type.name if isinstance(message.type, MessageType) else message.type
    return {"type": name, "xid": message.xid, "hex": encode(message, profile).hex()}


def _lease(answer: Answer) -> dict[str, Any]:
    return {
        "hardware": answer.client.hardware.hex(":"),
        "address": str(IPv4Address(answer.address)) if answer.address else None,
        "lease_s": answer.lease_s,
    }
