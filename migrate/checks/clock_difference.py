"""Clocks out of step.

What it finds
    Two servers whose clocks differ by more than a minute.

Why it matters
    The wizard refuses to create failover then (error 20119), and later each message is checked: updates are rejected with event
    20253, and the partners drift apart.

Example
    The clocks of dhcp01 and dhcp02 differ by 94 seconds; 60 are allowed.

Remedy
    Let both servers take their time from the same source.

References
    Microsoft, "DHCP Failover Requirements"; error 20119, event 20253.
"""

from __future__ import annotations

from migrate.checks.rule import NIGHT
from migrate.model.finding import Severity

ID = "clock-difference"
NUMBER = "WF-050"
SEVERITY = Severity.ERROR
LOOKS_AT = NIGHT
