"""An import that creates or overwrites scopes on the partner.

What it finds
    A partner that has one of the migrated scopes already when failover is created, or an import with -ScopeOverwrite on a scope
    that is in failover.

Why it matters
    The published procedure imports everything on both servers. Then failover cannot be created, because the scopes exist on the
    partner (error 20004); a scope that is in failover cannot be overwritten either (20113). The runbook imports the server
    level only on the partner.

Example
    Scope 10.20.0.0 exists on dhcp02; failover cannot be created for it.

Remedy
    Keep to the runbook: it uses -ServerConfigOnly for the partner and removes old copies first.

References
    Microsoft, "Migrate to DHCP Failover"; cmdlet reference: Import-DhcpServer; errors 20004 and 20113.
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "import-overwrites-scopes"
NUMBER = "WF-059"
SEVERITY = Severity.ERROR
LOOKS_AT = NIGHT
