"""An element of the export that is not known.

What it finds
    An XML element that an Export-DhcpServer file is not known to have at this place. It is counted and listed in the ledger,
    and not migrated.

Why it matters
    A newer Windows may write what this tool has never seen. Skipped in silence, it would be lost.

Example
    dhcp01.xml:212: element Quarantine in Scope is not known.

Remedy
    Look at the place. If it matters, set it by hand after the migration, and tell us.

References
    Export-DhcpServer has no published schema.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "unknown-element"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
