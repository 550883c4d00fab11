"""DNS settings of a netsh dump that are not carried.

What it finds
    A line of a netsh dump that configures dynamic DNS updates by a command of its own, for the server or a scope.

Why it matters
    The form of these lines differs by version and is not published, so they are not turned into a plan. The target has the
    default instead.

Example
    The dump configures DNS updates of the server by a command that is not carried into the plan: set dnsconfig 1 0 1 0

Remedy
    Compare with Get-DhcpServerv4DnsSetting, and set it on both partners after the migration.

References
    Microsoft, "Netsh commands for DHCP"; MS-DHCPM 2.2.1.1 (DNS flags).
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "dns-settings-not-read"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
