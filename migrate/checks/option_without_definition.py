"""A value whose type had to be guessed.

What it finds
    An option value for which the source has no definition, so that its values stay as they are written.

Why it matters
    The type decides how a value is encoded; comparisons of such values go by their text.

Example
    dhcp01.txt:61: option 240 has no definition in this source; its value is kept as written.

Remedy
    Define the option on the server, and export again.

References
    RFC 2132; Get-DhcpServerv4OptionDefinition.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "option-without-definition"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
