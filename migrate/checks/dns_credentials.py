"""Different credentials for DNS updates.

What it finds
    DNS credentials that are missing on a partner, or of another user. Only the user names can be compared.

Why it matters
    The owner of a DNS record is who wrote it. With different credentials the second partner cannot update what the first has
    registered.

Example
    dhcp01 updates DNS as CONTOSO\\dhcp-dns, dhcp02 has no credentials.

Remedy
    Set the same account on both partners with Set-DhcpServerDnsCredential.

References
    Microsoft, "DHCP Failover Overview" (dynamic updates); event 1056.
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "dns-credentials"
NUMBER = "WF-054"
SEVERITY = Severity.WARNING
LOOKS_AT = NIGHT
