"""DHCP clients behind a relay, for asking dhcpd: plain UDP, and no more of RFC 2131 than the tests need.

A client is named as the commands of `python -m migrate.live` do: MAC, or MAC/IDENTIFIER.
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from namespaces import Host

_FIXED = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE = b"\x63\x82\x53\x63"
_BOOT_REQUEST, _BOOT_REPLY = 1, 2
_ETHERNET = 1
_DISCOVER, _REQUEST, _DECLINE, _ACK, _RELEASE = 1, 3, 4, 5, 7
_REQUESTED_ADDRESS, _LEASE_TIME, _MESSAGE_TYPE, _SERVER_ID, _CLIENT_ID, _END = 50, 51, 53, 54, 61, 255
_ANSWER_S = 1.0


@dataclass(frozen=True)
class Reply:
    kind: int
    address: str
    lease_s: int | None

    @property
    def is_ack(self) -> bool:
        return self.kind == _ACK


class RelayedClients:
    """All clients of a relay that lives on `relay` and knows one server."""

    def __init__(self, relay: Host, server: Host) -> None:
        self._relay = relay
        self._server = server
        self._socket = relay.socket(socket.SOCK_DGRAM, 67)
        self._socket.settimeout(_ANSWER_S)
        self._server_id = IPv4Address(server.address).packed

    def close(self) -> None:
        self._socket.close()

    def discover(self, client: str) -> Reply | None:
        return self._ask(client, _DISCOVER)

    def lease(self, client: str) -> Reply | None:
        """The whole exchange; None when nothing is offered."""
        offer = self.discover(client)
        if offer is None:
            return None
        return self._ask(
            client, _REQUEST, options={_REQUESTED_ADDRESS: IPv4Address(offer.address).packed, _SERVER_ID: self._server_id}
        )

    def renew(self, client: str, address: str) -> Reply | None:
        return self._ask(client, _REQUEST, own=address)

    def release(self, client: str, address: str) -> None:
        self._send(client, _RELEASE, own=address, options={_SERVER_ID: self._server_id})

    def decline(self, client: str, address: str) -> None:
        self._send(client, _DECLINE, options={_REQUESTED_ADDRESS: IPv4Address(address).packed, _SERVER_ID: self._server_id})

    def _ask(self, client: str, kind: int, *, own: str = "0.0.0.0", options: dict[int, bytes] | None = None) -> Reply | None:
        xid = self._send(client, kind, own=own, options=options)
        try:
            while True:
                reply = _read(self._socket.recv(2048), xid)
                if reply is not None:
                    return reply
        except TimeoutError:
            return None

    def _send(self, client: str, kind: int, *, own: str = "0.0.0.0", options: dict[int, bytes] | None = None) -> int:
        xid = secrets.randbits(32)
        mac, has_identifier, identifier = client.partition("/")
        hardware = bytes.fromhex(mac.replace(":", ""))
        identity = {_CLIENT_ID: bytes.fromhex(identifier)} if has_identifier else {}
        no_address = bytes(4)
        packet = _FIXED.pack(
            _BOOT_REQUEST,
            _ETHERNET,
            len(hardware),
            1,
            xid,
            0,
            0,
            IPv4Address(own).packed,
            no_address,
            no_address,
            IPv4Address(self._relay.address).packed,
            hardware,
            b"",
            b"",
            _COOKIE,
        )
        for code, value in {_MESSAGE_TYPE: bytes((kind,)), **identity, **(options or {})}.items():
            packet += bytes((code, len(value))) + value
        self._socket.sendto(packet + bytes((_END,)), (self._server.address, 67))
        return xid


def _read(packet: bytes, xid: int) -> Reply | None:
    """None for a packet that answers something else."""
    fields = _FIXED.unpack_from(packet)
    if fields[0] != _BOOT_REPLY or fields[4] != xid:
        return None
    options: dict[int, bytes] = {}
    at = _FIXED.size
    while packet[at] != _END:
        options[packet[at]] = packet[at + 2 : at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    lease = options.get(_LEASE_TIME)
    return Reply(options[_MESSAGE_TYPE][0], str(IPv4Address(fields[8])), lease and int.from_bytes(lease, "big"))
