"""What a parser gives back, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from migrate.model.finding import Finding
from migrate.model.leases import LeaseTable
from migrate.model.server import NotCarried, ObjectKind, Server, SourceFormat

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read what the files themselves leave open."""

    encoding: str | None = None
    """Forced text encoding of netsh text and CSV; None: detect."""
    date_format: str | None = None
    """strptime format of dates in lease listings; None: detect, and refuse to guess when ambiguous."""
    time_zone: tzinfo | None = None
    """Zone of times that name none; None: UTC, with a finding that says so."""
    max_input_size: int = 4096 * MIB
    """Octets; a larger file is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseResult:
    """A configuration file as read. `objects_read` counts what was met, by kind, before anything was judged."""

    format: SourceFormat
    server: Server
    leases: LeaseTable
    has_leases: bool
    objects_read: Mapping[ObjectKind, int]
    not_carried: tuple[NotCarried, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseListing:
    """A lease listing as read; rows that cannot be read are `not_carried` and findings. The scope id of a row is 0 where the
    listing does not give it and the address has to tell (`parsers.listing_scopes` fills it in)."""

    leases: LeaseTable
    not_carried: tuple[NotCarried, ...] = ()
    findings: tuple[Finding, ...] = ()
