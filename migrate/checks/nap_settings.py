"""Settings for Network Access Protection.

What it finds
    Network Access Protection switched on for a server or a scope, when the target is Windows Server 2016 or later. One finding
    for each server.

Why it matters
    NAP was removed in 2016, and setting it fails there with error 20138. The import files leave it out.

Example
    dhcp01 has Network Access Protection switched on in scope 10.20.0.0; the target does not know it, and the import leaves it
    out.

Remedy
    Nothing to do, unless something still depends on NAP.

References
    MS-DHCPM appendix A (error 20138).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.server import NAP_ENABLED, Source

ID = "nap-settings"
NUMBER = "WF-046"
SEVERITY = Severity.INFO
LOOKS_AT = SOURCE


_WITHOUT_NAP = ("2016", "2019", "2022", "2025")


def check(subject: Subject) -> Iterator[Finding]:
    if subject.settings.target_os not in _WITHOUT_NAP:
        return
    for role, source in subject.sources:
        places = _uses(subject, source)
        if not places:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=subject.server_name(role),
            message=f"{subject.server_name(role)} has Network Access Protection switched on {' and '.join(places)}; the "
            f"target does not know it, and the import leaves it out.",
            remedy="None needed, unless something still depends on NAP.",
        )


def unknown(subject: Subject) -> str:
    if subject.settings.target_os is None and any(_uses(subject, source) for _, source in subject.sources):
        return "NAP is in use, and --target-os does not say whether the target still knows it"
    return ""


def _uses(subject: Subject, source: Source) -> list[str]:
    places = ["for the server"] if (source.server.setting(NAP_ENABLED) or "").casefold() in ("true", "1") else []
    scopes = [s.scope_id for s in source.server.scopes if s.nap_enable and not subject.settings.leaves_out(s.scope_id)]
    return places + ([f"in {scopes_named(scopes)}"] if scopes else [])
