"""Lease tables with their text columns replaced: each distinct value once, then column by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from migrate.model.built_in import is_built_in_class
from migrate.model.leases import LeaseTable, PackedColumn, WordColumn
from migrate.redaction.pseudonyms import Pseudonyms

_PLAIN_WORDS = frozenset(
    {
        *("", "A", "PTR", "AandPTR", "NoRegistration"),
        *("Complete", "Pending", "NotApplicable", "Registered", "NotRegistered"),
        *("FullAccess", "RestrictedAccess", "DropPacket", "InProbation", "Exempt", "NoQuarantine", "NoQuarantineInfo"),
    }
)
"""What Windows says of DNS and NAP; anything else may be anybody's text."""
_BAD_ADDRESS = b"BAD_ADDRESS"
"""The host name that Windows gives to a declined address."""


def redacted_leases(leases: LeaseTable, pseudonyms: Pseudonyms, paths: dict[str, str]) -> LeaseTable:
    def text_of(redact: Callable[[str], str]) -> Callable[[bytes], bytes]:
        return lambda octets: octets if octets == _BAD_ADDRESS else redact(octets.decode()).encode()

    def plain(word: str) -> str:
        return word if word in _PLAIN_WORDS else pseudonyms.text(word)

    return replace(
        leases,
        client_id=_packed(leases.client_id, pseudonyms.octets),
        host_name=_packed(leases.host_name, text_of(pseudonyms.name)),
        description=_packed(leases.description, text_of(pseudonyms.text)),
        policy_name=_words(leases.policy_name, lambda name: name if is_built_in_class(name) else pseudonyms.name(name)),
        dns_rr=_words(leases.dns_rr, plain),
        dns_registration=_words(leases.dns_registration, plain),
        nap_status=_words(leases.nap_status, plain),
        path=_words(leases.path, lambda path: paths.get(path, "")),
    )


def _packed(column: PackedColumn, redact: Callable[[bytes], bytes]) -> PackedColumn:
    values = column.values()
    made = {value: redact(value) for value in dict.fromkeys(values)}
    redacted = [made[value] for value in values]
    return PackedColumn.of_lengths(b"".join(redacted), np.fromiter(map(len, redacted), np.int64, len(redacted)))


def _words(column: WordColumn, redact: Callable[[str], str]) -> WordColumn:
    return WordColumn(column.codes, tuple(map(redact, column.words)))
