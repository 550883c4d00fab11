"""A waiver that covers nothing.

What it finds
    A waiver in force whose rule, object and scope are those of no finding of this run.

Why it matters
    Either what it was about is gone, and the waiver should go too before it hides something new, or it is misspelt and does not
    do what its author believes.

Example
    The waiver of offer-delay for 10.20.0.0 covers no finding of this run.

Remedy
    Correct its rule and object, or take it out.

References
    README, waivers.
"""

from __future__ import annotations

from migrate.checks.rule import WAIVERS
from migrate.model.finding import Severity

ID = "waiver-unused"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = WAIVERS
