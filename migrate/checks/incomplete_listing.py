"""A lease listing that breaks off.

What it finds
    A `show clients` listing whose rows are fewer than the number that it states itself, or that ends before its last line.

Why it matters
    Leases are missing, and with them the clients that hold these addresses.

Example
    The listing of scope 10.20.0.0 in dhcp01-clients.txt breaks off: leases are missing.

Remedy
    List the clients of this scope again.

References
    netsh dhcp server scope show clients.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "incomplete-listing"
NUMBER = None
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE
