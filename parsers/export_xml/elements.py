"""An element seen as a record: its children by local name, read once each, and a remark for every one that nobody asked for.

Name spaces, the order of different children and the difference between an absent and an empty child mean nothing here
(formats.md 1.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NoReturn, TypeVar

from lxml import etree

from migrate.model.finding import Severity
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind
from parsers.export_xml.account import Account
from parsers.export_xml.feed import XmlFeed

Value = TypeVar("Value")


def local_name(element: etree._Element) -> str:
    return _local(str(element.tag))


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class Document:
    """What every record needs of the document it stands in."""

    def __init__(self, account: Account, feed: XmlFeed) -> None:
        self.account = account
        self.feed = feed

    def view(self, element: etree._Element, thing: str = "") -> ElementView:
        return ElementView(self, element, thing)

    def text_of(self, element: etree._Element) -> str:
        """The text of a leaf, exactly. Raises InputError at an entity reference: what it stands for is not in the file."""
        if len(element):
            self._check_children(element)
        if self.feed.may_have_attributes:
            self.check_attributes(element)
        return element.text or ""

    def check_attributes(self, element: etree._Element) -> None:
        """No element of an export has any."""
        for name in element.keys():  # noqa: SIM118
            self.unknown_name(f"attribute {name!s}", local_name(element), self.feed.line(element))

    def unknown(self, element: etree._Element, parent: str) -> None:
        """An element that formats.md section 1 does not have: reported, counted and listed once for each name and parent."""
        if not isinstance(element.tag, str):
            self.refuse_entity(parent, self.feed.line(element))
        name, line = local_name(element), self.feed.line(element)
        kind = ObjectKind.MULTICAST if name.lower().startswith("multicast") else ObjectKind.UNKNOWN
        self.unknown_name(name, parent, line, kind)

    def unknown_name(self, name: str, parent: str, line: int, kind: ObjectKind = ObjectKind.UNKNOWN) -> None:
        key = f"{parent}/{name}"
        if not self.account.has_remark("unknown-element", key):
            self.account.met(kind)
            if kind is ObjectKind.MULTICAST:
                self.account.list_unsupported(kind, key, "failover does not carry multicast scopes", line)
            else:
                self.account.list_unsupported(kind, key, "an element that is not known here", line)
        self.account.remark(
            "unknown-element",
            Severity.WARNING,
            key,
            f"Element {name} in {parent} is not known here; it and all it holds are left out.",
            "Look whether it says anything that the new servers need.",
            line,
            like=key,
        )

    def _check_children(self, element: etree._Element) -> None:
        for child in element:
            self.unknown(child, local_name(element))

    def refuse_entity(self, parent: str, line: int) -> NoReturn:
        self.feed.refuse("not-well-formed", f"Element {parent} refers to an entity that the file does not define.", line)


class ElementView:
    """`thing` names the object in remarks, such as `scope 10.1.0.0`; it may be set once it is known."""

    def __init__(self, document: Document, element: etree._Element, thing: str) -> None:
        self.document = document
        self.thing = thing or local_name(element)
        self.name = local_name(element)
        self.line = document.feed.line(element)
        self._element = element
        self._children: dict[str, list[etree._Element]] = {}
        for child in element:
            name = local_name(child)
            if name in self._children:
                self._children[name].append(child)
            else:
                self._children[name] = [child]
        if document.feed.may_have_attributes:
            document.check_attributes(element)

    @property
    def origin(self) -> Origin:
        return Origin(self.document.account.path, self.line)

    @property
    def own_text(self) -> str:
        return self.document.text_of(self._element)

    def peek(self, name: str) -> str:
        """The text of the first child of that name, which stays to be read."""
        found = self._children.get(name)
        return self.document.text_of(found[0]) if found else ""

    def text(self, name: str) -> str:
        """The exact text of the one child of that name; empty when it is absent."""
        found = self._children.pop(name, None)
        if found is None:
            return ""
        if len(found) > 1:
            self._remark(
                "duplicate-object",
                f"{name} occurs {len(found)} times in {self.thing}; the first is used.",
                "Check which of them the server uses.",
                self.document.feed.line(found[1]),
            )
        return self.document.text_of(found[0])

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of all children of that name, in document order."""
        return tuple(self.document.text_of(child) for child in self._children.pop(name, []))

    def required(self, name: str, parse: Callable[[str], Value]) -> Value:
        """Raises ValueError, with the name of the child, when it is absent, empty or unreadable."""
        text = self.text(name)
        if not text.strip():
            raise ValueError(f"it has no {name}")
        try:
            return parse(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def optional(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """The default when the child is absent or empty, and, with a remark, when it is unreadable."""
        text = self.text(name)
        if not text.strip():
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.unreadable(name, str(error))
            return default

    def groups(self, container: str, name: str) -> tuple[ElementView, ...]:
        """The children called `name` of all children called `container`."""
        views = []
        for group in self._children.pop(container, []):
            for child in group:
                if isinstance(child.tag, str) and local_name(child) == name:
                    views.append(self.document.view(child))
                else:
                    self.document.unknown(child, container)
        return tuple(views)

    def pass_over(self, names: Iterable[str]) -> None:
        """Children that were read before, as they went by."""
        for name in names:
            self._children.pop(name, None)

    def finish(self) -> None:
        """A remark for every child that was not read."""
        for children in self._children.values():
            for child in children:
                self.document.unknown(child, self.name)
        self._children = {}

    def unreadable(self, name: str, problem: str) -> None:
        self._remark(
            "unreadable-value",
            f"{name} of {self.thing} cannot be read: {problem}.",
            "Look the value up on the server and correct it in the plan.",
            self.line,
        )

    def _remark(self, rule: str, message: str, remedy: str, line: int) -> None:
        self.document.account.remark(rule, Severity.WARNING, self.thing, message, remedy, line)
