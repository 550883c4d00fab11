"""A route or search list that no client can decode.

What it finds
    A value of option 121 or 249 (classless routes) or 119 (domain search list) whose octets do not follow the format.

Why it matters
    A client that cannot decode the option ignores it whole; with option 121 it then also has no default route from option 3.

Example
    Scope 10.20.0.0: option 121 cannot be decoded: 0x18 0x0a 0x14 ends in the middle of a route.

Remedy
    Enter the value again.

References
    RFC 3442 (classless routes), RFC 3397 (domain search).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.option_places import every_option_value
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.option import OptionValue

ID = "undecodable-option"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


_ROUTES = (121, 249)
_SEARCH_LIST = 119
_OCTETS_SHOWN = 8


def check(subject: Subject) -> Iterator[Finding]:
    for placed in every_option_value(subject.merged.target.server):
        octets = _octets(placed.value)
        if octets is None:
            continue
        problem = _route_problem(octets) if placed.value.option_id in _ROUTES else _search_list_problem(octets)
        if not problem:
            continue
        shown = " ".join(f"0x{octet:02x}" for octet in octets[:_OCTETS_SHOWN]) + (" ..." if len(octets) > _OCTETS_SHOWN else "")
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=placed.scope_id,
            object=f"option {placed.value.option_id} of {placed.level}",
            message=f"{placed.level[0].upper()}{placed.level[1:]}: option {placed.value.option_id} cannot be decoded: {shown} "
            f"{problem}.",
            remedy="Enter the value again.",
            places=(placed.value.origin,) if placed.value.origin else (),
        )


def _octets(value: OptionValue) -> bytes | None:
    """None for other options, for an empty value, and for values that are not octets."""
    if value.vendor_class or value.option_id not in (*_ROUTES, _SEARCH_LIST) or not value.values:
        return None
    try:
        return bytes(int(text, 0) for text in value.values)
    except ValueError:
        return None


def _route_problem(octets: bytes) -> str:
    """RFC 3442: a prefix length, as many octets of the destination as it needs, and a router; repeated."""
    at = 0
    while at < len(octets):
        if octets[at] > 32:
            return f"has a prefix length of {octets[at]}"
        at += 1 + (octets[at] + 7) // 8 + 4
    return "ends in the middle of a route" if at > len(octets) else ""


def _search_list_problem(octets: bytes) -> str:
    """RFC 3397: names in DNS wire form; a compression pointer points back into the list and ends a name."""
    at, in_name = 0, False
    while at < len(octets):
        length = octets[at]
        if length >= 0xC0:
            if at + 1 >= len(octets) or ((length & 0x3F) << 8 | octets[at + 1]) >= at:
                return "has a pointer that leads nowhere"
            at, in_name = at + 2, False
        elif length > 63:
            return f"has a label of length {length}"
        else:
            at, in_name = at + 1 + length, length > 0
    return "ends in the middle of a name" if in_name or at > len(octets) else ""
