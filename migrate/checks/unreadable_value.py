"""A value that cannot be read.

What it finds
    A field whose text does not fit what the field is for, such as an address with five parts or a duration in words.

Why it matters
    The object it belongs to is refused rather than guessed, or keeps Windows' default where that is safe; the ledger says
    which.

Example
    dhcp01.xml:40: LeaseDuration is "eight days", which is not a duration of the form d.hh:mm:ss.

Remedy
    Correct it on the server and export again.

References
    Export-DhcpServer and netsh write addresses, numbers and .NET time spans.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "unreadable-value"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
