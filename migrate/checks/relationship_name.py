"""A relationship name that cannot be used.

What it finds
    A relationship name that is empty, longer than 126 characters, or the same as another one's. Names that differ in case only
    count as the same, because the rule Windows uses is not known.

Why it matters
    The name is the key of the relationship on both servers (errors 20114 and 20125).

Example
    The name of relationship Floors is used 2 times.

Remedy
    Choose another name with --relationship.

References
    MS-DHCPM 3.2.4.90; errors 20114 and 20125.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import MAX_NAME_LENGTH

ID = "relationship-name"
NUMBER = "WF-003"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    names: dict[str, list[str]] = {}
    for relationship in subject.relationships:
        names.setdefault(relationship.name.casefold(), []).append(relationship.name)
    for same in names.values():
        name = same[0]
        length = len(name.encode("utf-16-le")) // 2
        problem = ""
        if not name.strip():
            problem = "A relationship has no name"
        elif length > MAX_NAME_LENGTH:
            problem = f"The name of relationship {name} has {length} characters; {MAX_NAME_LENGTH} are allowed"
        elif len(same) > 1:
            problem = f"The name of relationship {name} is used {len(same)} times"
        if problem:
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                object=name,
                message=f"{problem}.",
                remedy="Choose another name with --relationship.",
            )
