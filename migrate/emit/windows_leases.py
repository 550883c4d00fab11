"""The `Leases` elements of primary.xml: from columns straight to text, some thousand rows at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from migrate.emit.quoting import xml_text, xml_texts
from migrate.model.lease_text import dotted_quads, hex_ids, utc_texts
from migrate.model.leases import NEVER, LeaseClientType, LeaseState, LeaseTable, PackedColumn, WordColumn
from migrate.model.row_text import Part, Words, rows_of, word_part

EOL = "\r\n"
_INDENT = " " * 12
_STATES = tuple(state.word for state in LeaseState)
_CLIENT_TYPES = tuple(kind.word for kind in LeaseClientType)


def lease_elements(leases: LeaseTable, scope_id: str, first: int, last: int) -> str:
    """Rows `first` up to, not including, `last`, all of one scope. An optional element without a value is left out."""
    window = slice(first, last)
    states = Words(leases.state[window], _STATES)
    client_types = Words(leases.client_type[window], _CLIENT_TYPES)
    nap_capable = Words(leases.nap_capable[window].astype(np.uint8), ("false", "true"))
    return rows_of(
        f"{_INDENT[:-2]}<Lease>{EOL}{_INDENT}<IPAddress>",
        dotted_quads(leases.address[window]),
        f"</IPAddress>{EOL}{_element('ScopeId', scope_id)}{_INDENT}<ClientId>",
        hex_ids(leases.client_id, first, last),
        f"</ClientId>{EOL}",
        word_part(
            (states, client_types, nap_capable, _words(leases.dns_rr, window), _words(leases.dns_registration, window)),
            lambda state, client_type, capable, record, registration: (
                _element("AddressState", state)
                + _element("ClientType", client_type)
                + _element("NapCapable", capable)
                + _element("DnsRR", record)
                + _element("DnsRegistration", registration)
            ),
        ),
        *_instants("LeaseExpiryTime", leases.expiry_s[window]),
        *_instants("ProbationEnds", leases.probation_ends_s[window]),
        word_part((_words(leases.nap_status, window),), lambda status: _element("NapStatus", status)),
        *_texts("HostName", leases.host_name, first, last),
        word_part((_words(leases.policy_name, window),), lambda name: _element("PolicyName", name)),
        *_texts("Description", leases.description, first, last),
        f"{_INDENT[:-2]}</Lease>{EOL}",
    )


def _element(name: str, value: str) -> str:
    return f"{_INDENT}<{name}>{xml_text(value)}</{name}>{EOL}" if value else ""


def _words(column: WordColumn, window: slice) -> Words:
    return Words(column.codes[window], column.words)


def _texts(name: str, column: PackedColumn, first: int, last: int) -> tuple[Part, ...]:
    if column.starts[first] == column.starts[last]:
        return ()
    return _optional(name, xml_texts([value.decode() for value in column.values(first, last)]))


def _instants(name: str, epoch_s: npt.NDArray[np.int64]) -> tuple[Part, ...]:
    return () if (epoch_s == NEVER).all() else _optional(name, utc_texts(epoch_s, " "))


def _optional(name: str, values: list[str]) -> tuple[Part, ...]:
    """An element for each value that is not empty; the values are escaped already."""
    before, after = f"{_INDENT}<{name}>", f"</{name}>{EOL}"
    if all(values):
        return before, values, after
    return ([before + value + after if value else "" for value in values],)
