"""A control character in a text.

What it finds
    A name, description or comment with a control character in it.

Why it matters
    Windows lets them in, XML does not: an import with such a name fails. They are left out of what is written.

Example
    dhcp01.xml:92: the name of a reservation holds the control character U+0007.

Remedy
    Rename the object on the server.

References
    XML 1.0 section 2.2 (characters).
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "control-character"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
