"""A DHCP server with a dynamic address.

What it finds
    An interface of a DHCP server that takes its own address from DHCP.

Why it matters
    A relationship is bound to the addresses of its servers, and a server must not depend on its own service (event 1144).

Example
    Interface Ethernet 2 of dhcp02 has a dynamic address.

Remedy
    Give every interface a static address.

References
    Microsoft, "DHCP Failover Requirements"; event 1144.
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "dynamic-server-address"
NUMBER = "WF-053"
SEVERITY = Severity.WARNING
LOOKS_AT = NIGHT
