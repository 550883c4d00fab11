"""A class that is used but not defined.

What it finds
    A vendor or user class that an option value or a policy condition names, and that neither server defines. Classes which
    every Windows server has do not count.

Why it matters
    The import refuses a policy or option value whose class is missing (error 20044), on the partner as well, because classes
    are not replicated.

Example
    Vendor class Cisco Phones is used by policy Phones on dhcp01, but neither server defines it.

Remedy
    Define the class (Add-DhcpServerv4Class) and export again, or remove what uses it.

References
    MS-DHCPM 3.2.4.109; error 20044 (class not found).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.option_places import every_option_value
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import some
from migrate.model.built_in import is_built_in_class
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from migrate.model.server import Server

ID = "class-not-defined"
NUMBER = "WF-036"
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE


Use = tuple[str, str, str, Origin | None]
"""Kind of class, its name, who uses it, where."""


def check(subject: Subject) -> Iterator[Finding]:
    defined = {cls.key for _, source in subject.sources for cls in source.server.classes}
    found: dict[tuple[str, str], list[tuple[str, str, Origin | None]]] = {}
    for role, source in subject.sources:
        for kind, name, user, origin in _uses(source.server, subject):
            key = kind, name.casefold()
            if key not in defined and not is_built_in_class(name):
                found.setdefault(key, []).append((name, f"{user} on {subject.server_name(role)}", origin))
    for (kind, _), uses in sorted(found.items()):
        name = uses[0][0]
        neither = "neither server defines it" if subject.is_pair else "the server does not define it"
        users = list(dict.fromkeys(user for _, user, _ in uses))
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=f"{kind.lower()} class {name}",
            message=f"{kind} class {name} is used by {some(users)}, but {neither}.",
            remedy="Define the class there and export again, or remove what uses it.",
            places=tuple(origin for _, _, origin in uses if origin)[:1],
        )


def _uses(server: Server, subject: Subject) -> Iterator[Use]:
    for placed in every_option_value(server, subject.settings.leaves_out):
        value = placed.value
        user = f"option {value.option_id} of {placed.level}"
        if value.vendor_class:
            yield "Vendor", value.vendor_class, user, value.origin
        if value.user_class:
            yield "User", value.user_class, user, value.origin
    policies = [*(server.policies or ())]
    for scope in server.scopes:
        policies += () if subject.settings.leaves_out(scope.scope_id) else scope.policies or ()
    for policy in policies:
        for condition in policy.conditions:
            kind = condition.field.removesuffix("Class")
            if condition.field in ("VendorClass", "UserClass"):
                yield from (
                    (kind, name.strip("*"), f"policy {policy.name}", policy.origin) for name in condition.values if name.strip("*")
                )
