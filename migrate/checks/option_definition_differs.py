"""One option, defined differently.

What it finds
    An option number (within its vendor class) that the two servers define with another type, or one as a list and the other as
    a single value. Names, descriptions and default values reach no client and do not count.

Why it matters
    The type decides which octets a client receives. Definitions are not replicated: a value that fits the definition of one
    partner is refused by the other, or sent as something else. A differing type is an error, a list against one value a warning.

Example
    Server level: option 150 is defined as TFTP: IPv4Address array on dhcp01 and TFTP: String on dhcp02. Taken by default:
    primary.

Remedy
    Choose one definition in decisions.toml; then look at every value of this option in the workbook.

References
    MS-DHCPM 3.2.4.8 (option information); RFC 2132 and the vendor's option list.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "option-definition-differs"
NUMBER = "WF-036"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        types = {_type_word(decision.alternatives[role.value]) for role in Role}
        severity = SEVERITY if len(types) > 1 else Severity.WARNING
        message = f"{where(decision)}: {decision.object} is defined as {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=severity, message=message)


def _type_word(shown: str) -> str:
    return shown.rpartition(": ")[2].removesuffix(" array")
