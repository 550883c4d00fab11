"""An odd number of quotation marks.

What it finds
    A line of a netsh dump with an odd number of quotation marks.

Why it matters
    netsh has no way to write a quotation mark inside a text, so a name that holds one breaks its line. The most likely reading
    is taken.

Example
    dhcp01.txt:140: the line has 5 quotation marks.

Remedy
    Compare the name and comment with the server.

References
    netsh dhcp server dump.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "odd-quotes"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
