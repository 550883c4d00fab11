"""A netsh command that is not known.

What it finds
    A line of a netsh dump with a command that is not known. It is counted and listed in the ledger, and not migrated.

Why it matters
    Each line of a dump sets something. What is not understood would be lost without a word.

Example
    dhcp01.txt:88: the command `set frobnicate` is not known.

Remedy
    Look at the line. If it matters, set it by hand after the migration, and tell us.

References
    netsh dhcp server dump; Microsoft, "Netsh commands for DHCP".
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "unknown-command"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
