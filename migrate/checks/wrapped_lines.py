"""Commands that go on over several lines.

What it finds
    A netsh dump whose commands are broken over several lines, as in a copy from a console window.

Why it matters
    They are joined again, but blanks at the breaks are lost or added: names and addresses may be wrong.

Example
    4 commands go on over more than one line, as in a copy from a console window; they were joined again.

Remedy
    Redirect the dump to a file instead: netsh dhcp server dump > dump.txt.

References
    netsh dhcp server dump.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "wrapped-lines"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
