"""An option value without a definition.

What it finds
    A value of an option that neither server defines. Standard options and the DNS settings (81) are defined on every server and
    never need a definition.

Why it matters
    Import-DhcpServer and the option cmdlets refuse a value without a definition on that server (error 20010), and with it
    whatever else stood in the same step.

Example
    Option 150 is set in scope 10.20.0.0 on dhcp01, but neither server defines it.

Remedy
    Define the option on the server (Add-DhcpServerv4OptionDefinition) and export again, or remove the value.

References
    Cmdlet reference: Set-DhcpServerv4OptionValue; error 20010 (option not present).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.option_places import every_option_value
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import some
from migrate.model.built_in import is_standard_option
from migrate.model.finding import Finding, Severity
from migrate.model.option import OptionKey, OptionValue

ID = "option-not-defined"
NUMBER = "WF-036"
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    defined = {d.key for _, source in subject.sources for d in source.server.option_definitions}
    found: dict[tuple[int, str], list[tuple[str, OptionValue]]] = {}
    for role, source in subject.sources:
        for placed in every_option_value(source.server, subject.settings.leaves_out):
            value = placed.value
            key = value.option_id, value.vendor_class.casefold()
            if key not in defined and not is_standard_option(value.option_id, value.vendor_class):
                level = f"in {placed.level}" if placed.scope_id else f"at {placed.level}"
                found.setdefault(key, []).append((f"{level} on {subject.server_name(role)}", value))
    for (option_id, _), uses in sorted(found.items(), key=lambda item: item[0]):
        name = OptionKey(option_id, uses[0][1].vendor_class)
        neither = "neither server defines it" if subject.is_pair else "the server does not define it"
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=str(name),
            message=f"{str(name).capitalize()} is set {some([place for place, _ in uses])}, but {neither}.",
            remedy="Define the option on the server and export again, or remove the value.",
            places=tuple(value.origin for _, value in uses if value.origin)[:1],
        )
