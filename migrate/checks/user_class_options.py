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

from migrate.checks.option_places import PlacedValue, every_option_value
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.option import OptionKey

ID = "user-class-options"
NUMBER = "WF-041"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    uses: dict[str, dict[tuple[str, OptionKey], PlacedValue]] = {}
    for _, source in subject.sources:
        for placed in every_option_value(source.server, subject.settings.leaves_out):
            if placed.value.user_class:
                by_place = uses.setdefault(placed.value.user_class.casefold(), {})
                by_place.setdefault((placed.level, placed.value.key), placed)
    for by_place in uses.values():
        first = next(iter(by_place.values())).value
        levels = dict.fromkeys(_place(placed) for placed in by_place.values())
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=first.user_class,
            message=f"User class {first.user_class} has {counted(len(by_place), 'option value')} of its own in "
            f"{', '.join(levels)}; the target turns them into a policy of that name.",
            remedy="None needed; look at the order of the policies afterwards.",
            places=(first.origin,) if first.origin else (),
        )


def _place(placed: PlacedValue) -> str:
    scope = f"scope {placed.scope_id}"
    return placed.level if placed.scope_id is None or placed.level == scope else f"{placed.level} of {scope}"
