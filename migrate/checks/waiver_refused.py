"""A waiver of something that blocks.

What it finds
    A waiver that covers a finding of severity block. The finding stands as if there were no waiver.

Why it matters
    A block says that no configuration can be written until somebody chooses. A waiver is no choice.

Example
    The waiver of overlapping-pools for 10.20.0.100 - 10.20.0.109 covers 1 finding of severity block, which nobody can waive.

Remedy
    Decide the conflict in decisions.toml, and take the waiver out.

References
    README, waivers and decisions.
"""

from __future__ import annotations

from migrate.checks.rule import WAIVERS
from migrate.model.finding import Severity

ID = "waiver-refused"
NUMBER = None
SEVERITY = Severity.ERROR
LOOKS_AT = WAIVERS
