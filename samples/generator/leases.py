"""The leases of one scope of one server, drawn from the seed and the scope's place alone, so that no other scope need be known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from generator import facts
from generator.options import GenerateOptions
from generator.pair import PairedScope
from migrate.model.leases import NEVER, LeaseClientType, LeaseState, LeaseTable, PackedColumn, WordColumn
from migrate.model.server import Role

_SERIALS = 1 << 24
_SERIAL_STEP = 0x9E3779
"""Odd, so that successive clients get distinct serial numbers in no visible order."""
_EXPIRED_PERCENT, _OFFERED_PERCENT = 3.0, 0.3
_ODD_NAMES = ("büro-{}", "R&D-{}", "Gerät<{}>", "Łódź-{}", "")


def drawn_leases(options: GenerateOptions, pair: PairedScope, role: Role) -> LeaseTable:
    scope_id = pair.copies[role].scope_id
    others = LeaseTable.of_rows(replace(lease, scope_id=scope_id) for lease in pair.leases[role])
    table = LeaseTable.concatenate([_client_leases(options, pair, role), others])
    return table.take(np.argsort(table.address, kind="stable"))


def _client_leases(options: GenerateOptions, pair: PairedScope, role: Role) -> LeaseTable:
    """Only `random` of the generator is used: its stream stays the same from one numpy to the next."""
    count = pair.lease_counts[role]
    rng = np.random.Generator(np.random.PCG64([options.seed, pair.number, list(Role).index(role)]))
    offered, expired, expiry_s = _times(rng, count, options.as_of_s, int(pair.purpose.lease_duration.total_seconds()))
    client_ids = _client_ids(rng, pair, pair.first_client[role], count)
    state = np.select([expired, offered], [LeaseState.EXPIRED, LeaseState.OFFERED], LeaseState.ACTIVE).astype(np.uint8)
    registered = np.where(rng.random(count) < 0.9, 0, 1).astype(np.uint32)
    no_text = PackedColumn.of_values([b""] * count)
    zeros = np.zeros(count, np.uint32)
    return LeaseTable(
        address=_addresses(rng, pair, role, count),
        scope_id=np.full(count, int(pair.copies[role].scope_id), np.uint32),
        expiry_s=expiry_s,
        state=state,
        client_type=np.full(count, LeaseClientType.DHCP, np.uint8),
        client_id=PackedColumn.of_values(client_ids),
        host_name=PackedColumn.of_values(_host_names(rng, pair, client_ids)),
        description=no_text,
        policy_name=WordColumn(np.fromiter((_is_phone(pair, c) for c in client_ids), np.uint32, count), ("", "Desk phones")),
        dns_rr=WordColumn(registered, ("AandPTR", "NoRegistration")),
        dns_registration=WordColumn(registered, ("Complete", "NotApplicable")),
        nap_capable=np.zeros(count, np.bool_),
        nap_status=WordColumn(zeros, ("NoQuarantine",)),
        probation_ends_s=np.full(count, NEVER, np.int64),
        line=zeros,
        path=WordColumn(zeros, ("",)),
    )


def _addresses(rng: np.random.Generator, pair: PairedScope, role: Role, count: int) -> npt.NDArray[np.uint32]:
    room = [np.arange(start, stop, dtype=np.uint32) for start, stop in pair.room(role).spans]
    addresses = np.concatenate([np.zeros(0, np.uint32), *room])
    chosen = np.argsort(rng.random(len(addresses)), kind="stable")[:count]
    return np.sort(addresses[chosen])


def _times(
    rng: np.random.Generator, count: int, as_of_s: int, duration_s: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Which are offered, which expired, and until when each holds. A client renews at half its time, so most have more left."""
    luck = rng.random(count) * 100
    expired, offered = luck < _EXPIRED_PERCENT, luck > 100 - _OFFERED_PERCENT
    left = np.where(rng.random(count) < 0.8, 0.5 + 0.5 * rng.random(count), rng.random(count))
    active_s = as_of_s + 1 + (left * (duration_s - 1)).astype(np.int64)
    past_s = as_of_s - (rng.random(count) * 4 * 3600).astype(np.int64)
    return offered, expired, np.select([expired, offered], [past_s, np.int64(as_of_s + 120)], active_s)


def _client_ids(rng: np.random.Generator, pair: PairedScope, first: int, count: int) -> list[bytes]:
    """Mostly MAC addresses; some are option-61 forms of one, DUIDs, or the ASCII names that appliances send."""
    kinds = rng.random(count).tolist()
    ouis = facts.PHONE_OUIS if pair.purpose is facts.PHONES else facts.OUIS
    ids = []
    for number, kind in zip(range(first, first + count), kinds, strict=True):
        serial = (number * _SERIAL_STEP % _SERIALS).to_bytes(3, "big")
        mac = ouis[number % len(ouis)] + serial
        if kind < 0.94:
            ids.append(mac)
        elif kind < 0.97:
            ids.append(b"\x01" + mac)
        elif kind < 0.99:
            ids.append(b"\xff" + serial + b"\x00\x00\x01\x00\x01\x2a\x7f" + serial[:2] + mac)
        else:
            ids.append(b"appliance-" + serial.hex().encode() + b"-eth0")
    return ids


def _host_names(rng: np.random.Generator, pair: PairedScope, client_ids: list[bytes]) -> list[bytes]:
    domain = f".{pair.code.lower()}.{facts.DOMAIN}"
    names = []
    for client_id, luck in zip(client_ids, rng.random(len(client_ids)).tolist(), strict=True):
        if _is_phone(pair, client_id):
            name = f"SEP{client_id.hex().upper()}"
        elif luck < 0.02:
            name = _ODD_NAMES[int(luck * 50 * len(_ODD_NAMES))].format(client_id[-3:].hex())
        else:
            name = f"{pair.code}-{pair.purpose.host_prefix}-{int.from_bytes(client_id[-3:], 'big'):08}{domain}"
        names.append(name.encode())
    return names


def _is_phone(pair: PairedScope, client_id: bytes) -> bool:
    return pair.purpose is facts.PHONES and client_id[:3] in facts.PHONE_OUIS
