"""DHCP clients behind a relay, for asking dhcpd: plain UDP, and no more of RFC 2131 than the tests need."""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from namespaces import Host

_FIXED = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE = b"\x63\x82\x53\x63"
_BOOT_REQUEST, _BOOT_REPLY = 1, 2
_ETHERNET = 1
_DISCOVER, _OFFER, _REQUEST, _ACK, _NAK, _RELEASE = 1, 2, 3, 5, 6, 7
_REQUESTED_ADDRESS, _LEASE_TIME, _MESSAGE_TYPE, _SERVER_ID, _END = 50, 51, 53, 54, 255
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
        self._socket = relay.udp_socket(67)
        self._socket.settimeout(_ANSWER_S)

    def close(self) -> None:
        self._socket.close()

    def discover(self, mac: str) -> Reply | None:
        return self._ask(mac, _DISCOVER)

    def lease(self, mac: str) -> Reply | None:
        """The whole exchange; None when nothing is offered."""
        offer = self.discover(mac)
        if offer is None:
            return None
        wish = {_REQUESTED_ADDRESS: IPv4Address(offer.address).packed, _SERVER_ID: IPv4Address(self._server.address).packed}
        return self._ask(mac, _REQUEST, options=wish)

    def renew(self, mac: str, address: str) -> Reply | None:
        return self._ask(mac, _REQUEST, own=address)

    def release(self, mac: str, address: str) -> None:
        self._send(mac, _RELEASE, own=address, options={_SERVER_ID: IPv4Address(self._server.address).packed})

    def _ask(self, mac: str, kind: int, *, own: str = "0.0.0.0", options: dict[int, bytes] | None = None) -> Reply | None:
        xid = self._send(mac, kind, own=own, options=options)
        try:
            while True:
                reply = _read(self._socket.recv(2048), xid)
                if reply is not None:
                    return reply
        except TimeoutError:
            return None

    def _send(self, mac: str, kind: int, *, own: str = "0.0.0.0", options: dict[int, bytes] | None = None) -> int:
        xid = secrets.randbits(32)
        hardware = bytes.fromhex(mac.replace(":", ""))
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
        for code, value in {_MESSAGE_TYPE: bytes((kind,)), **(options or {})}.items():
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
