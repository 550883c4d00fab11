"""A scope with more than one address range.

What it finds
    A scope of a netsh dump with several address ranges, such as one for DHCP and one for BOOTP clients.

Why it matters
    Old servers allowed it; a scope of today has one range. It is read as the one range that spans them, and what lies between
    them stays out of the pool.

Example
    Scope 10.20.0.0 has 2 address ranges, 10.20.0.10 - 10.20.0.99 (Dhcp), 10.20.0.120 - 10.20.0.200 (Bootp).

Remedy
    Check that one range for all kinds of client is what the scope should have.

References
    MS-DHCPM 3.1.4.5 (one range per scope).
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "several-ranges"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
