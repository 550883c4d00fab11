"""Targets and outputs for the tests of the runbook."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import BinaryIO

from migrate.emit.runbook.files import write_runbook
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import LeaseTable
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import ClassKind, DhcpClass, Filters, MacFilter, Role, Server, Source, SourceFormat
from migrate.model.target import Strategy, Target

HOSTILE = [
    "O'Brien",
    "\u2018\u2019\u201a\u201b",
    "a`b``c",
    "$(Remove-Item C:\\ -Recurse)",
    '"; Stop-Service DHCPServer; "',
    "two\nlines\r\nmore",
    "nul\x00here",
    "\u202eright to left",
    "x" * 255,
    "2026-11-20T18:00:00Z",
    "/Date(1700000000000)/",
    "=SUM(A1)",
    "",
    " blanks ",
    "漢\U0001f5a8ß",
    "<b>bold</b> | & [link](x) `code`",
    "\\u0041 \\ / \x7f\u2028",
    "@{a=1}",
    "null",
]
"""What a name may be, in every place where a name can stand."""


class FolderInMemory:
    """An `Output` that keeps what is written."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @contextmanager
    def binary(self, name: str) -> Iterator[BinaryIO]:
        stream = io.BytesIO()
        yield stream
        self.files[name] = stream.getvalue()

    def digests(self) -> Mapping[str, str]:
        return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(self.files.items())}


def target(texts: list[str] | None = None, **changes: object) -> Target:
    """A plan with the given text in every place that takes one; one scope a text."""
    texts = ["Office"] if texts is None else texts
    scopes = tuple(_scope(number, text) for number, text in enumerate(texts))
    relationship = FailoverRelationship(
        name=texts[0] or "a-b", primary_server="dhcp01", secondary_server="dhcp02", scope_ids=tuple(s.scope_id for s in scopes)
    )
    server = Server(
        name="dhcp01",
        classes=tuple(DhcpClass(name=text, kind=ClassKind.USER, data=b"\x00\xff", description=text) for text in texts),
        option_definitions=tuple(
            OptionDefinition(option_id=200, name=text, type=OptionType.STRING, multi_valued=False, vendor_class=text)
            for text in texts
        ),
        option_values=tuple(OptionValue(option_id=15, values=(text,), user_class=text) for text in texts),
        policies=tuple(_policy(text) for text in texts),
        filters=Filters(entries=(MacFilter(list="Deny", mac_address="00-11-22-*-*-*", description=texts[0]),)),
        scopes=scopes,
    )
    made = Target(
        as_of_s=0,
        strategy=Strategy.IN_PLACE,
        sources=(),
        relationships=(relationship,),
        server=server,
        leased={scopes[0].scope_id: 7},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def _policy(text: str) -> Policy:
    condition = PolicyCondition(field="VendorClass", operator="EQ", values=(text, "MSFT*"))
    options = (OptionValue(option_id=67, values=(text,)),)
    return Policy(name=text, processing_order=1, description=text, conditions=(condition,), option_values=options, dns_suffix=text)


def _scope(number: int, text: str) -> Scope:
    start = IPv4Address(f"10.{number // 256}.{number % 256}.0")
    return Scope(
        scope_id=start,
        subnet_mask=IPv4Address("255.255.255.0"),
        name=text,
        description=text,
        superscope=text,
        lease_duration=timedelta(days=8),
        range=AddressRange(start + 10, start + 99),
        exclusions=(ExclusionRange(range=AddressRange(start + 10, start + 19)),),
        reservations=(Reservation(ip_address=start + 30, client_id=ClientId(b"\x01\x02"), name=text, description=text),),
        option_values=(
            OptionValue(option_id=51, values=("691200",)),
            OptionValue(option_id=15, values=(text, text), vendor_class=text),
        ),
        policies=(_policy(text),),
    )


def sources(plan: Target) -> dict[Role, Source]:
    return {
        role: Source(
            path=f"{role}.xml",
            format=SourceFormat.EXPORT_XML,
            sha256="",
            server=plan.server,
            leases=LeaseTable.empty(),
            has_leases=True,
            objects_read={},
        )
        for role in Role
    }


def written(plan: Target) -> dict[str, bytes]:
    output = FolderInMemory()
    write_runbook(plan, LeaseTable.empty(), sources(plan), output)
    return output.files
