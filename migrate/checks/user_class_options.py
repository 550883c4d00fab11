"""Options for a user class.

What it finds
    Option values that are set for a user class, the way it was done before 2012: a `user=` in a netsh dump, or a user class on
    a value. One finding for each class.

Why it matters
    From 2012 on a server turns such values into a policy named like the class. It works, but it counts among the policies: it
    has a place in their order, and shows up in comparisons.

Example
    User class Kiosk has 1 option value of its own in scope 10.20.0.0; the target turns them into a policy of that name.

Remedy
    Nothing to do. Check afterwards that the policy stands at the end of the order.

References
    Cmdlet reference: Set-DhcpServerv4OptionValue -UserClass.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.option_places import every_option_value
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin

ID = "user-class-options"
NUMBER = "WF-041"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    names: dict[str, str] = {}
    places: dict[str, list[str]] = {}
    origins: dict[str, Origin | None] = {}
    for _, source in subject.sources:
        for placed in every_option_value(source.server, subject.settings.leaves_out):
            name = placed.value.user_class
            if not name:
                continue
            names.setdefault(name.casefold(), name)
            places.setdefault(name.casefold(), []).append(placed.level)
            origins.setdefault(name.casefold(), placed.value.origin)
    for key in sorted(names):
        levels = list(dict.fromkeys(places[key]))
        origin = origins[key]
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=names[key],
            message=f"User class {names[key]} has {counted(len(places[key]), 'option value')} of its own in {', '.join(levels)}; "
            f"the target turns them into a policy of that name.",
            remedy="None needed; look at the order of the policies afterwards.",
            places=(origin,) if origin else (),
        )
