"""The IPv6 part of an export: failover is for IPv4 only, so its objects are counted and listed, and not read further."""

from __future__ import annotations

from lxml import etree

from migrate.model.server import ObjectKind
from parsers.export_xml.elements import Document, ElementView, local_name

REASON = "failover carries IPv4 only"

IPV6_OBJECTS = {
    "Class": ("Name",),
    "OptionDefinition": ("OptionId", "Name", "VendorClass"),
    "OptionValue": ("OptionId", "VendorClass", "UserClass"),
    "Scope": ("Prefix", "ScopeId", "Name"),
    "Reservation": ("IPAddress", "Duid", "Name"),
    "Lease": ("IPAddress", "Duid"),
    "StatelessStore": ("Enabled",),
}
"""Objects, and the children that tell one from another. The children of IPv6 scopes are not confirmed (formats.md 1.11)."""


class Ipv6:
    def __init__(self, document: Document) -> None:
        self._document = document

    def end(self, element: etree._Element) -> bool:
        """Whether the element was an object. Everything else is a detail of one, and goes when its object does."""
        name = local_name(element)
        if name not in IPV6_OBJECTS:
            return False
        account = self._document.account
        account.met(ObjectKind.IPV6)
        view = self._document.view(element)
        account.list_unsupported(ObjectKind.IPV6, f"{name} {_key(view, IPV6_OBJECTS[name])}".strip(), REASON, view.line)
        return True


def _key(view: ElementView, names: tuple[str, ...]) -> str:
    return " ".join(text for name in names if (text := view.peek(name).strip()))
