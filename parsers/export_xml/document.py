"""The way through an export: which elements are objects, which only hold others, and what is left over.

Elements are read when they end and dropped at once, so memory holds no more than what is kept. A scope is read at its end, its
contents as they go by; nothing may depend on whether `ScopeId` or `OptionDefinitions` came first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TypeVar

from lxml import etree

from migrate.model.leases import LeaseTable
from migrate.model.option import OptionDefinition, OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import Scope
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    NAP_ENABLED,
    NPS_UNREACHABLE_ACTION,
    DhcpClass,
    Filters,
    MacFilter,
    ObjectKind,
    Server,
    ServerSetting,
)
from parsers.export_xml.account import Account
from parsers.export_xml.contents import ScopeContents, distinct, refuse_unreadable, sorted_option_values, sorted_policies
from parsers.export_xml.elements import Document, ElementView, local_name
from parsers.export_xml.feed import XmlFeed
from parsers.export_xml.ipv6 import IPV6_OBJECTS, Ipv6
from parsers.export_xml.lease_blocks import LeaseBatch
from parsers.export_xml.lease_columns import LeaseColumns, read_columns
from parsers.export_xml.lease_row import FIELDS
from parsers.export_xml.option_types import OptionTypes
from parsers.export_xml.records import (
    read_class,
    read_exclusion,
    read_filter,
    read_option_definition,
    read_option_value,
    read_policy,
    read_reservation,
    read_scope,
)
from parsers.export_xml.scope_leases import ScopeLeases
from parsers.fields import parse_flag, parse_number
from parsers.instants import InstantReader

ROOT = "DHCPServer"
Path = tuple[str, ...]

_SERVER: Path = (ROOT,)
_IPV4: Path = (ROOT, "IPv4")
_IPV6: Path = (ROOT, "IPv6")
_SCOPE: Path = (*_IPV4, "Scopes", "Scope")
_LEASES: Path = (*_SCOPE, "Leases")
_LEASE: Path = (*_LEASES, "Lease")
_SERVER_GROUPS = ("Classes", "OptionDefinitions", "Policies", "OptionValues", "Filters", "Scopes")
_SCOPE_GROUPS = ("ExclusionRanges", "Policies", "OptionValues", "Reservations", "Leases")

_HOLDERS = ((), _SERVER, _IPV4, *((*_IPV4, name) for name in _SERVER_GROUPS), *((*_SCOPE, name) for name in _SCOPE_GROUPS))
"""Elements that hold objects and say nothing themselves."""

_OBJECTS: dict[Path, ObjectKind] = {
    (*_IPV4, "Classes", "Class"): ObjectKind.CLASS,
    (*_IPV4, "OptionDefinitions", "OptionDefinition"): ObjectKind.OPTION_DEFINITION,
    (*_IPV4, "OptionValues", "OptionValue"): ObjectKind.OPTION_VALUE,
    (*_IPV4, "Policies", "Policy"): ObjectKind.POLICY,
    (*_IPV4, "Policies", "Policy", "OptionValues", "OptionValue"): ObjectKind.OPTION_VALUE,
    (*_IPV4, "Filters", "Filter"): ObjectKind.FILTER,
    _SCOPE: ObjectKind.SCOPE,
    (*_SCOPE, "ExclusionRanges", "IPRange"): ObjectKind.EXCLUSION_RANGE,
    (*_SCOPE, "OptionValues", "OptionValue"): ObjectKind.OPTION_VALUE,
    (*_SCOPE, "Policies", "Policy"): ObjectKind.POLICY,
    (*_SCOPE, "Policies", "Policy", "OptionValues", "OptionValue"): ObjectKind.OPTION_VALUE,
    (*_SCOPE, "Reservations", "Reservation"): ObjectKind.RESERVATION,
    (*_SCOPE, "Reservations", "Reservation", "OptionValues", "OptionValue"): ObjectKind.OPTION_VALUE,
    _LEASE: ObjectKind.LEASE,
}
"""What is counted where it ends, before anything about it is judged. Settings and superscopes are counted where they are read:
an empty one is none."""

_SETTINGS: dict[str, Callable[[str], str]] = {
    CONFLICT_DETECTION: lambda text: str(parse_number(text, 0, 5)),
    NAP_ENABLED: lambda text: str(parse_flag(text)).lower(),
    NPS_UNREACHABLE_ACTION: str.strip,
    ACTIVATE_POLICIES: lambda text: str(parse_flag(text)).lower(),
}

Reader = Callable[[ElementView], None]
Record = TypeVar("Record")


@dataclass(slots=True, eq=False)
class _Place:
    """A node in the tree of places where elements mean something. The tags of all nodes are those that the parser reports."""

    path: Path
    is_holder: bool = False
    kind: ObjectKind | None = None
    reader: Reader | None = None
    children: dict[str, _Place] = field(default_factory=dict)

    def at(self, path: Path) -> _Place:
        place = self
        for name in path:
            place = place.children.setdefault(name, _Place((*place.path, name)))
        return place

    def tags(self) -> Iterator[str]:
        for name, place in self.children.items():
            yield name
            yield from place.tags()


_ELSEWHERE = _Place(("elsewhere",))


class ExportDocument:
    """Handles the elements of one export as they start and end; `server` and `leases` are complete after the last."""

    def __init__(self, account: Account, instants: InstantReader) -> None:
        self.has_leases = False
        self._account = account
        self._instants = instants
        self._version: dict[str, int] = {}
        self._settings: dict[str, ServerSetting] = {}
        self._classes: list[DhcpClass] = []
        self._definitions: list[OptionDefinition] = []
        self._option_values: list[OptionValue] = []
        self._policies: list[Policy] = []
        self._filters: list[MacFilter] = []
        self._filter_switches: dict[str, bool] = {}
        self._scopes: dict[IPv4Address, Scope] = {}
        self._superscopes: dict[str, int] = {}
        self._lease_tables: list[LeaseTable] = []
        self._contents = ScopeContents()
        self._scope_leases = ScopeLeases(account, instants)
        self._batch: LeaseBatch | None = None
        self._columns: LeaseColumns
        self._places = self._tree()
        self._ipv6_place = self._places.at(_IPV6)
        self._open: list[tuple[_Place, etree._Element | None]] = [(self._places, None)]

    @property
    def tags(self) -> tuple[str, ...]:
        """Local names of the elements that `start` and `end` want to see; all others are read with an element that holds them."""
        return tuple(dict.fromkeys((*self._places.tags(), *IPV6_OBJECTS)))

    def attach(self, feed: XmlFeed) -> None:
        """The feed that will call `start` and `end`; it knows the lines."""
        self._document = Document(self._account, feed)
        self._ipv6 = Ipv6(self._document)

    def _tree(self) -> _Place:
        root = _Place(())
        for path in _HOLDERS:
            root.at(path).is_holder = True
        for path, kind in _OBJECTS.items():
            root.at(path).kind = kind
        for path, reader in self._readers().items():
            root.at(path).reader = reader
        return root

    def _readers(self) -> dict[Path, Reader]:
        return {
            (*_SERVER, "MajorVersion"): self._read_version,
            (*_SERVER, "MinorVersion"): self._read_version,
            **{(*_IPV4, name): self._read_setting for name in _SETTINGS},
            (*_IPV4, "Classes", "Class"): self._keep(ObjectKind.CLASS, read_class, lambda: self._classes),
            (*_IPV4, "OptionDefinitions", "OptionDefinition"): self._keep(
                ObjectKind.OPTION_DEFINITION, read_option_definition, lambda: self._definitions
            ),
            (*_IPV4, "OptionValues", "OptionValue"): self._keep(
                ObjectKind.OPTION_VALUE, read_option_value, lambda: self._option_values
            ),
            (*_IPV4, "Policies", "Policy"): self._keep(ObjectKind.POLICY, read_policy, lambda: self._policies),
            (*_IPV4, "Filters", "Allow"): self._read_filter_switch,
            (*_IPV4, "Filters", "Deny"): self._read_filter_switch,
            (*_IPV4, "Filters", "Filter"): self._keep(ObjectKind.FILTER, read_filter, lambda: self._filters),
            _SCOPE: self._read_scope,
            (*_SCOPE, "ExclusionRanges", "IPRange"): self._keep(
                ObjectKind.EXCLUSION_RANGE, read_exclusion, lambda: self._contents.exclusions
            ),
            (*_SCOPE, "Policies", "Policy"): self._keep(ObjectKind.POLICY, read_policy, lambda: self._contents.policies),
            (*_SCOPE, "OptionValues", "OptionValue"): self._keep(
                ObjectKind.OPTION_VALUE, read_option_value, lambda: self._contents.option_values
            ),
            (*_SCOPE, "Reservations", "Reservation"): self._keep(
                ObjectKind.RESERVATION, read_reservation, lambda: self._contents.reservations
            ),
            _LEASE: self._read_lease,
        }

    @property
    def awaits_leases(self) -> bool:
        return self._open[-1][0].path == _LEASES

    def take_leases(self, batch: LeaseBatch, first_row: int, stop_row: int) -> None:
        if batch is not self._batch:
            self._batch = batch
            self._columns = read_columns(batch.spans, batch.lines, self._instants, self._account.path)
        self._account.met(ObjectKind.LEASE, stop_row - first_row)
        self._scope_leases.take_columns(self._columns, first_row, stop_row)
        for name, row, lines_below in batch.spans.unknown_fields(FIELDS, first_row, stop_row):
            self._document.unknown_name(name, "Lease", int(batch.lines[row]) + lines_below)

    def start(self, element: etree._Element) -> None:
        place = self._place_of(element)
        self._open.append((place, element))
        if place.path == _SCOPE:
            self._contents = ScopeContents()
            self._scope_leases = ScopeLeases(self._account, self._instants)
            self._account.begin_scope()
        elif place.path == _LEASES:
            self.has_leases = True

    def end(self, element: etree._Element) -> None:
        place, _ = self._open.pop()
        parent, _ = self._open[-1]
        if place.kind is not None:
            self._account.met(place.kind)
        if place.reader is not None:
            place.reader(self._document.view(element))
        elif place is self._ipv6_place:
            if not self._ipv6.end(element):
                return
        elif place.is_holder:
            self._document.check_attributes(element)
            self._report_strangers(element, place)
        elif place is not _ELSEWHERE or not (parent.is_holder or parent is _ELSEWHERE):
            return
        element.clear()
        if parent.is_holder:
            self._drop_elements_before(element, parent)

    def _place_of(self, element: etree._Element) -> _Place:
        """Elements that the parser does not report may stand between this one and the last that is open."""
        place, open_element = self._open[-1]
        if element.getparent() is not open_element:
            return _ELSEWHERE
        return self._ipv6_place if place is self._ipv6_place else place.children.get(local_name(element), _ELSEWHERE)

    def _report_strangers(self, holder: etree._Element, place: _Place) -> None:
        for child in holder:
            self._report_if_stranger(child, place)

    def _report_if_stranger(self, child: etree._Element, place: _Place) -> None:
        if not isinstance(child.tag, str) or local_name(child) not in place.children:
            self._document.unknown(child, place.path[-1])

    def _drop_elements_before(self, element: etree._Element, holder: _Place) -> None:
        """An element may not be taken out of its parent while the parser still stands on it, but those before it may."""
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            self._report_if_stranger(parent[0], holder)
            del parent[0]

    def server(self, name: str) -> Server:
        """Once, after the last element."""
        account = self._account
        definitions = distinct(self._definitions, lambda each: each.key, "the server", account)
        types = OptionTypes(definitions, account)
        self._account_for_superscopes()
        return Server(
            name=name,
            version=(self._version["MajorVersion"], self._version.get("MinorVersion", 0))
            if "MajorVersion" in self._version
            else None,
            settings=tuple(self._settings[each] for each in sorted(self._settings)),
            classes=distinct(self._classes, lambda each: each.key, "the server", account),
            option_definitions=definitions,
            option_values=types.values(sorted_option_values(self._option_values, "the server", account), "the server"),
            policies=types.policies(sorted_policies(self._policies, "the server", account), "the server"),
            filters=Filters(
                allow_enabled=self._filter_switches.get("Allow", False),
                deny_enabled=self._filter_switches.get("Deny", False),
                entries=distinct(self._filters, lambda each: (each.list, each.mac_address), "the server", account),
            ),
            scopes=tuple(types.scope(self._scopes[scope_id]) for scope_id in sorted(self._scopes)),
        )

    def leases(self) -> LeaseTable:
        """Once, after the last element: in document order."""
        tables, self._lease_tables = self._lease_tables, []
        return LeaseTable.concatenate(tables or [LeaseTable.empty()])

    def _keep(self, kind: ObjectKind, read: Callable[[ElementView], Record], records: Callable[[], list[Record]]) -> Reader:
        def reader(view: ElementView) -> None:
            try:
                records().append(read(view))
            except ValueError as error:
                refuse_unreadable(view, kind, str(error))
            else:
                view.finish()

        return reader

    def _read_version(self, view: ElementView) -> None:
        try:
            self._version.setdefault(view.name, parse_number(view.own_text, 0, 0xFFFF))
        except ValueError as error:
            view.unreadable(view.name, str(error))

    def _read_setting(self, view: ElementView) -> None:
        text = view.own_text
        if not text.strip():
            return
        self._account.met(ObjectKind.SERVER_SETTING)
        if view.name in self._settings:
            refuse_unreadable(view, ObjectKind.SERVER_SETTING, "the file has it twice")
            return
        try:
            value = _SETTINGS[view.name](text)
        except ValueError as error:
            view.unreadable(view.name, str(error))
            value = text
        self._settings[view.name] = ServerSetting(name=view.name, value=value, origin=view.origin)

    def _read_filter_switch(self, view: ElementView) -> None:
        try:
            self._filter_switches[view.name] = parse_flag(view.own_text.strip() or "false")
        except ValueError as error:
            view.unreadable(f"Filters/{view.name}", str(error))

    def _read_lease(self, view: ElementView) -> None:
        texts = {name: view.text(name) for name in FIELDS}
        view.finish()
        self._scope_leases.take_row(texts, view.line)

    def _read_scope(self, view: ElementView) -> None:
        view.pass_over(_SCOPE_GROUPS)
        view.thing = f"scope {view.peek('ScopeId').strip()}"
        if superscope := view.peek("SuperScopeName"):
            self._superscopes.setdefault(superscope, view.line)
        scope, scope_id = self._sound_scope(view), None
        if scope is None:
            self._contents.refuse_all("its scope is left out", self._account)
        else:
            scope_id = scope.scope_id
            self._scopes[scope_id] = self._contents.complete(scope, self._account)
        leases = self._scope_leases.close(scope)
        if len(leases):
            self._lease_tables.append(leases)
        self._account.end_scope(scope_id)

    def _sound_scope(self, view: ElementView) -> Scope | None:
        try:
            scope = read_scope(view)
            if scope.scope_id in self._scopes:
                raise ValueError("the file has another scope of this id before it")
        except ValueError as error:
            refuse_unreadable(view, ObjectKind.SCOPE, str(error))
            return None
        view.finish()
        return scope

    def _account_for_superscopes(self) -> None:
        kept = {scope.superscope for scope in self._scopes.values()}
        for superscope, line in self._superscopes.items():
            self._account.met(ObjectKind.SUPERSCOPE)
            if superscope not in kept:
                self._account.refuse(ObjectKind.SUPERSCOPE, superscope, "all its scopes are left out", line)
