"""A waiver that has run out.

What it finds
    A waiver whose `until` lies before the instant at which leases are judged. What it covered counts again.

Why it matters
    A waiver is a promise to come back. Without an end it becomes a way of not looking.

Example
    The waiver of offer-delay for 10.20.0.0 ended on 2026-10-31; it was given because: agreed in change 4711.

Remedy
    Clear what it is about, or agree on a later date and change `until`.

References
    README, waivers.
"""

from __future__ import annotations

from migrate.checks.rule import WAIVERS
from migrate.model.finding import Severity

ID = "waiver-expired"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = WAIVERS
