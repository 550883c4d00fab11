"""Rows with more fields than the heading.

What it finds
    Rows of a lease list in CSV that have more fields than its heading; what is too much is read as part of the description.

Why it matters
    The console exports lists without quotation marks, so a comma in a description shifts what follows it.

Example
    3 rows of leases.csv have more fields than its heading; what is too much was read as part of the description.

Remedy
    Compare description and policy of these leases with the server, or export with Export-Csv, which quotes texts.

References
    Microsoft, cmdlet reference: Export-Csv.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "surplus-fields"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
