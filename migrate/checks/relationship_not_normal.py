"""Failover that does not settle.

What it finds
    A new relationship that is not in state NORMAL, or whose free addresses are not shared out as asked (within one address for
    each range) after two rebalancing rounds, ten minutes.

Why it matters
    Scopes can only be added in NORMAL, and a partner without its share cannot serve newcomers when it is alone.

Example
    Relationship dhcp01-dhcp02 is in COMMUNICATION INTERRUPTED ten minutes after it was created.

Remedy
    Look at port 647, the clocks and the Admin event channel; the rollback script leads back.

References
    MS-DHCPF 3.2.2.1; Microsoft, "DHCP Failover Events and Performance".
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "relationship-not-normal"
NUMBER = "WF-060"
SEVERITY = Severity.WARNING
LOOKS_AT = NIGHT
