"""Stable storage of a live partner: what the engine stores, one JSON object a line, so that a restart finds it again.

The file only grows, as dhcpd.leases does between two rewrites; it is never rewritten here.
"""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Any

from migrate.failover.bindings import Binding, Client
from migrate.failover.codes import BindingState, ServerState
from migrate.failover.effects import ServerRecord, Storage, Store


class Journal:
    """With no path nothing is kept. Raises OSError, and ValueError for a file that is not a journal."""

    def __init__(self, path: Path | None) -> None:
        self.storage = Storage()
        self._file: IO[str] | None = None
        if path is not None:
            if path.exists():
                for line in path.read_text("utf-8").splitlines():
                    self.storage.apply(store_of_json(json.loads(line)))
            self._file = path.open("a", encoding="utf-8")

    def append(self, store: Store) -> None:
        """The line has left this process when this returns: killing it loses nothing."""
        if self._file is not None:
            self._file.write(json.dumps(json_of_store(store)) + "\n")
            self._file.flush()


def json_of_store(store: Store) -> dict[str, Any]:
    record = store.record
    if isinstance(record, Binding):
        return {"at_s": store.at_s, "binding": json_of_binding(record)}
    return {"at_s": store.at_s, "server": record._asdict()}


def store_of_json(shown: dict[str, Any]) -> Store:
    try:
        if "binding" in shown:
            return Store(binding_of_json(shown["binding"]), shown["at_s"])
        server = shown["server"]
        previous = server["previous"] and ServerState(server["previous"])
        return Store(ServerRecord(ServerState(server["state"]), server["since_s"], previous), shown["at_s"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a line of a journal: {error!r}") from None


def json_of_binding(binding: Binding) -> dict[str, Any]:
    client = binding.client
    return {
        **binding._asdict(),
        "address": str(IPv4Address(binding.address)),
        "state": binding.state.name,
        "client": client and {"hardware": client.hardware.hex(":"), "identifier": _hex(client.identifier)},
    }


def binding_of_json(shown: dict[str, Any]) -> Binding:
    client = shown["client"]
    if client is not None:
        identifier = client["identifier"]
        client = Client(octets(client["hardware"]), None if identifier is None else octets(identifier))
    address = int(IPv4Address(shown["address"]))
    return Binding(**{**shown, "address": address, "state": BindingState[shown["state"]], "client": client})


def _hex(identifier: bytes | None) -> str | None:
    return None if identifier is None else identifier.hex(":")


def octets(text: str) -> bytes:
    """From hexadecimal with colons or dashes between the octets."""
    return bytes.fromhex(text.replace(":", "").replace("-", ""))
