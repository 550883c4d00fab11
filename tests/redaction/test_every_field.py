"""No text field of the model is forgotten: records filled with a canary everywhere come out without it.

Built from the types themselves, so that a field added later is tested, or fails here, by itself.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import timedelta
from enum import Enum
from ipaddress import IPv4Address
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.finding import Finding
from migrate.model.leases import Lease, LeaseTable
from migrate.model.origin import Origin
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.server import MacFilter, NotCarried, Server, ServerSetting, Source
from migrate.redaction import sources
from migrate.redaction.configuration import ConfigurationRedactor
from migrate.redaction.pseudonyms import Pseudonyms

CANARY = "Mallory & Sons"
PATH = "/home/mallory/dhcp.xml"
PATHS = {PATH: "primary.xml"}
LEASE = Lease(
    ip_address=IPv4Address("10.0.0.1"),
    scope_id=IPv4Address("10.0.0.0"),
    client_id=ClientId(b"mallory"),
    host_name=CANARY,
    description=CANARY,
    policy_name=CANARY,
    dns_rr=CANARY,
    dns_registration=CANARY,
    nap_status=CANARY,
    path=PATH,
)
OF_A_FIXED_VOCABULARY = {
    (MacFilter, "list"): "Allow",
    (Policy, "condition"): "AND",
    (PolicyCondition, "field"): "Fqdn",
    (PolicyCondition, "operator"): "EQ",
    (ServerSetting, "name"): "Bindings mallory",
    (NotCarried, "reason"): CANARY,
    (Finding, "rule"): "unreadable-value",
    (Finding, "number"): "WF-001",
    (Source, "path"): PATH,
    (Source, "sha256"): "00",
    (Source, "lease_paths"): ((PATH, "00"),),
    (Source, "objects_read"): {},
    (Source, "leases"): LeaseTable.of_rows([LEASE]),
}
"""What parsers take only from a list of words, and what needs a value of its own."""


def filled(kind: Any) -> Any:
    """An instance with something in every field."""
    if kind is str:
        return CANARY
    if get_origin(kind) in (Union, UnionType):
        return filled(next(each for each in get_args(kind) if each is not type(None)))
    if get_origin(kind) is tuple:
        return tuple(filled(each) for each in get_args(kind) if each is not Ellipsis)
    plain = {int: 0, bool: False, bytes: b"mallory", timedelta: timedelta(days=1), IPv4Address: IPv4Address("10.0.0.0")}
    if kind in plain:
        return plain[kind]
    if kind is AddressRange:
        return AddressRange.parse("10.0.0.1", "10.0.0.9")
    if kind is Origin:
        return Origin(PATH, 7)
    if issubclass(kind, Enum):
        return next(iter(kind))
    assert is_dataclass(kind), f"{kind}: say here what stands for it"
    hints = get_type_hints(kind)
    values = {each.name: OF_A_FIXED_VOCABULARY.get((kind, each.name)) for each in fields(kind)}
    return kind(**{name: filled(hints[name]) if value is None else value for name, value in values.items()})


def test_no_field_of_a_configuration_shows_the_canary() -> None:
    server = filled(Server)
    assert "Mallory" in repr(server)
    redacted = ConfigurationRedactor(Pseudonyms(b"key"), PATHS).server(server)
    assert "mallory" not in repr(redacted).casefold()
    assert repr(redacted).count("name-") > 15


def test_no_field_of_a_source_shows_the_canary() -> None:
    source = filled(Source)
    redacted = sources._source(source, Pseudonyms(b"key"), PATHS)
    shown = [repr(redacted.server), redacted.path, *map(str, redacted.lease_paths), *map(repr, redacted.leases.rows())]
    shown += [repr(redacted.not_carried), repr(redacted.findings), *map(str, redacted.findings[0].places)]
    assert "mallory" not in " ".join(shown).casefold()
    assert redacted.not_carried[0].origin == Origin("primary.xml", 7)
