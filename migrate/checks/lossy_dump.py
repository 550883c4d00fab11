"""A netsh dump does not say everything.

What it finds
    A source that is a netsh dump.

Why it matters
    netsh stopped growing with Windows Server 2008 R2: its dump holds no leases, no policies and no DNS suffix. On a newer
    server these exist, and are missing here.

Example
    dhcp01.txt is a netsh dump: it holds no leases and no policies.

Remedy
    If the server runs 2012 or later, use Export-DhcpServer -Leases instead; otherwise add lease listings.

References
    netsh dhcp server dump; cmdlet reference: Export-DhcpServer.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "lossy-dump"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
