"""TCP port 647 is blocked.

What it finds
    A firewall that keeps the partners from reaching each other on TCP port 647, in either direction.

Why it matters
    The relationship is created all the same, but the partners never leave COMMUNICATION INTERRUPTED.

Example
    dhcp01 cannot open TCP 647 on dhcp02.

Remedy
    Allow TCP 647 in both directions, and the two DHCP-Failover-TCP rules of Windows Firewall.

References
    Microsoft, "DHCP Failover Architecture".
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "failover-port-blocked"
NUMBER = "WF-052"
SEVERITY = Severity.ERROR
LOOKS_AT = NIGHT
