"""An element in a place where it does not belong.

What it finds
    A known XML element under a parent that does not have it. It is not migrated.

Why it matters
    It is a sign that the file was edited by hand, for instance leases that were pasted into another scope.

Example
    dhcp01.xml:512: Lease stands in Reservations.

Remedy
    Export again, and give both files instead of joining them by hand.

References
    Microsoft, "Migrate to DHCP Failover" (joining of lease lists).
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "misplaced-element"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
