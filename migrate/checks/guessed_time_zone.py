"""Times without a time zone.

What it finds
    Lease times that name no time zone. They are read as UTC.

Why it matters
    netsh and Export-Csv write the local time of the machine. Read in the wrong zone, a lease seems to end hours earlier or
    later, which decides conflicts between the servers.

Example
    leases.csv: 1200 lease times name no time zone and are read as UTC.

Remedy
    Say which zone the listing was made in.

References
    Microsoft, class page of Get-DhcpServerv4Lease (times are local to the session).
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "guessed-time-zone"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
