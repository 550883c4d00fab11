"""A guessed text encoding.

What it finds
    A text file with characters beyond ASCII that is neither marked as Unicode nor valid UTF-8, so that its code page had to be
    guessed.

Why it matters
    A console writes in the code page of its country. With the wrong guess names show other letters.

Example
    dhcp01.txt was read as cp850; 3 lines hold characters beyond ASCII.

Remedy
    Compare a name with an umlaut or accent; give --encoding if it is wrong.

References
    Microsoft, "Code Pages".
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "guessed-encoding"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
