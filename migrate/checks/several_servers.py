"""One dump of more than one server.

What it finds
    A netsh dump whose commands name different servers.

Why it matters
    It was read as one server's, and so it joins what two servers have. Dumps that were appended to one file look like this.

Example
    The dump has commands for 2 servers (dhcp01, dhcp02) and was read as one server's.

Remedy
    Give each server's dump as a file of its own, unless the names mean one server.

References
    netsh dhcp server dump.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "several-servers"
NUMBER = None
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE
