"""One lease from the texts of its fields. The columns of `lease_columns` must give the same for what they can read at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseClientType, LeaseState
from parsers.fields import parse_address, parse_flag
from parsers.instants import InstantReader

FIELDS = (
    "IPAddress",
    "ScopeId",
    "ClientId",
    "HostName",
    "Description",
    "AddressState",
    "ClientType",
    "LeaseExpiryTime",
    "NapCapable",
    "NapStatus",
    "ProbationEnds",
    "PolicyName",
    "DnsRR",
    "DnsRegistration",
)
"""Element names of a lease (formats.md 1.10)."""

STATES = {state.word.lower(): state for state in LeaseState}
CLIENT_TYPES = {client_type.word.lower(): client_type for client_type in LeaseClientType}
NO_SCOPE = "0.0.0.0"

_Word = TypeVar("_Word")


def read_lease(texts: Mapping[str, str], instants: InstantReader, path: str, line: int) -> Lease:
    """Empty and absent fields are the same. The scope id is 0.0.0.0 where the lease names none. Raises ValueError."""

    def text(name: str) -> str:
        return texts.get(name, "")

    def instant(name: str) -> int:
        return instants.read(text(name), line) if text(name).strip() else NEVER

    client_id = ClientId.parse(text("ClientId"))
    if not client_id.octets:
        raise ValueError("it has no ClientId")
    return Lease(
        ip_address=parse_address(text("IPAddress")),
        scope_id=parse_address(text("ScopeId").strip() or NO_SCOPE),
        client_id=client_id,
        state=_word("AddressState", STATES, text("AddressState")),
        expiry_s=instant("LeaseExpiryTime"),
        host_name=text("HostName"),
        description=text("Description"),
        client_type=_word("ClientType", CLIENT_TYPES, text("ClientType").strip() or "UnSpecified"),
        policy_name=text("PolicyName"),
        dns_rr=text("DnsRR"),
        dns_registration=text("DnsRegistration"),
        nap_capable=parse_flag(text("NapCapable").strip() or "false"),
        nap_status=text("NapStatus"),
        probation_ends_s=instant("ProbationEnds"),
        line=line,
        path=path,
    )


def _word(name: str, words: Mapping[str, _Word], text: str) -> _Word:
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError(f"unknown {name} {text!r}") from None
