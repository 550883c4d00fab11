"""A cluster node named as partner.

What it finds
    A partner that is a node of a Windows failover cluster, instead of the cluster's own name or address. Nothing in an export
    shows it.

Why it matters
    A cluster counts as one server. When the role moves to another node, the partner loses contact and stays in COMMUNICATION
    INTERRUPTED.

Example
    dhcp02 is a node of a cluster; name the cluster resource instead.

Remedy
    Use the name or address of the clustered DHCP role.

References
    Microsoft, "DHCP Failover Overview" (failover clusters).
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "partner-is-cluster-node"
NUMBER = "WF-056"
SEVERITY = Severity.ERROR
LOOKS_AT = NIGHT
