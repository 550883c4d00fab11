"""No shared secret.

What it finds
    A relationship that is created without a shared secret. The secret is asked for when the runbook runs and is in no file, so
    only the night can tell.

Why it matters
    Without a secret the partners do not authenticate their messages. On a cluster the secret is encrypted for each node, and
    has to be set on each of them while it owns the role.

Example
    EnableAuth is False for relationship dhcp01-dhcp02.

Remedy
    Type a secret when the apply script asks. Set it on every node of a cluster.

References
    Microsoft, "DHCP Failover Settings"; cmdlet reference: Add-DhcpServerv4Failover -SharedSecret.
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "no-shared-secret"
NUMBER = "WF-013"
SEVERITY = Severity.WARNING
LOOKS_AT = NIGHT
