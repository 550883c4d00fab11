"""A lease that cannot be read.

What it finds
    A lease, in an export or a lease listing, whose address, client id, state or expiry cannot be read. It is counted as
    refused.

Why it matters
    Its client is not known to the new pair, which may offer the address to somebody else.

Example
    leases.csv:17: the client id is `printer`, which is not hexadecimal.

Remedy
    See what the row ought to say. A few refused leases are no reason to stop: their clients get a new lease.

References
    Get-DhcpServerv4Lease; netsh dhcp server scope show clients.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "unreadable-lease"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
