"""A server that is not authorised.

What it finds
    A domain member that is not authorised in Active Directory, or a server in a workgroup.

Why it matters
    An unauthorised member server does not serve at all. A workgroup server can, until an authorised one appears in its subnet.

Example
    dhcp02 is not authorised in Active Directory.

Remedy
    Authorise it with Add-DhcpServerInDC before the change.

References
    Microsoft, "DHCP Failover Requirements".
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "not-authorised"
NUMBER = "WF-057"
SEVERITY = Severity.WARNING
LOOKS_AT = NIGHT
