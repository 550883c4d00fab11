"""A DHCP server's IPv4 configuration, and what else a source said that failover cannot carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address

from migrate.model.finding import Finding
from migrate.model.leases import LeaseTable
from migrate.model.option import OptionDefinition, OptionValue
from migrate.model.origin import Origin, origin_field
from migrate.model.policy import Policy
from migrate.model.scope import Scope


class Role(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"


class ClassKind(StrEnum):
    USER = "User"
    VENDOR = "Vendor"


class ObjectKind(StrEnum):
    """What is counted when it is read and accounted for in the ledger."""

    SERVER_SETTING = "server-setting"
    CLASS = "class"
    OPTION_DEFINITION = "option-definition"
    OPTION_VALUE = "option-value"
    POLICY = "policy"
    FILTER = "filter"
    SUPERSCOPE = "superscope"
    SCOPE = "scope"
    EXCLUSION_RANGE = "exclusion-range"
    RESERVATION = "reservation"
    LEASE = "lease"
    IPV6 = "ipv6"
    MULTICAST = "multicast"
    UNKNOWN = "unknown"


class SourceFormat(StrEnum):
    EXPORT_XML = "export-xml"
    NETSH_DUMP = "netsh-dump"


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpClass:
    name: str
    kind: ClassKind
    data: bytes = b""
    description: str = ""
    vendor_id: int | None = None
    origin: Origin | None = origin_field()

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.name.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class MacFilter:
    list: str
    """Allow or Deny."""
    mac_address: str
    """Upper case with dashes; the last octets may be `*`."""
    description: str = ""
    origin: Origin | None = origin_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    allow_enabled: bool = False
    deny_enabled: bool = False
    entries: tuple[MacFilter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSetting:
    """A server-level setting with one value. `carried` tells whether Import-DhcpServer can restore it."""

    name: str
    value: str
    carried: bool = True
    origin: Origin | None = origin_field()


CONFLICT_DETECTION = "ConflictDetectionAttempts"
NAP_ENABLED = "NapEnabled"
NPS_UNREACHABLE_ACTION = "NpsUnreachableAction"
ACTIVATE_POLICIES = "ActivatePolicies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Everything one source says about one server. Tuples are sorted by their key, scopes by scope id."""

    name: str
    version: tuple[int, int] | None = None
    """MajorVersion and MinorVersion of the export."""
    settings: tuple[ServerSetting, ...] = ()
    classes: tuple[DhcpClass, ...] = ()
    option_definitions: tuple[OptionDefinition, ...] = ()
    option_values: tuple[OptionValue, ...] = ()
    policies: tuple[Policy, ...] | None = None
    filters: Filters | None = None
    scopes: tuple[Scope, ...] = ()

    def setting(self, name: str) -> str | None:
        """The value of a server setting by its Export-DhcpServer name; None when the source does not say."""
        return next((setting.value for setting in self.settings if setting.name == name), None)

    def scope(self, scope_id: IPv4Address) -> Scope | None:
        return next((scope for scope in self.scopes if scope.scope_id == scope_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCarried:
    """An object that was read but has no place in the model: unsupported by failover, or refused because it cannot be read."""

    kind: ObjectKind
    key: str
    reason: str
    scope_id: IPv4Address | None = None
    unsupported: bool = False
    """True: failover or Import-DhcpServer cannot carry it. False: the object itself is unusable."""
    origin: Origin | None = origin_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One server as it was read: its configuration, its leases, and the parser's own account of both."""

    path: str
    format: SourceFormat
    sha256: str
    server: Server
    leases: LeaseTable
    has_leases: bool
    """False: the source holds no lease list at all, which says nothing about the server."""
    objects_read: Mapping[ObjectKind, int]
    """Counted by the parser as it reads, so that the ledger can be held against it."""
    not_carried: tuple[NotCarried, ...] = ()
    findings: tuple[Finding, ...] = ()
    lease_paths: tuple[tuple[str, str], ...] = field(default=())
    """Path and sha256 of every lease listing that was added."""
    newest_time_s: int | None = None
    """The newest instant that the source itself states as past (an export's lease times lie ahead, so None is usual)."""
