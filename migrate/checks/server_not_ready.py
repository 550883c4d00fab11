"""A server that cannot be worked on.

What it finds
    A server whose name does not resolve, that cannot be reached, whose DHCP service does not run, whose version has no
    failover, or on which the operator is no administrator.

Why it matters
    Failover is configured on both partners at once; whichever of these fails, it fails in the middle.

Example
    The DHCP service on dhcp02 is stopped.

Remedy
    Correct it before the change window; the precheck may be run as often as you like.

References
    Microsoft, "DHCP Failover Requirements"; errors 20118, 20121 to 20124.
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "server-not-ready"
NUMBER = "WF-051"
SEVERITY = Severity.ERROR
LOOKS_AT = NIGHT
