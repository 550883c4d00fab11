"""One object twice.

What it finds
    The same scope, class, option or reservation twice in one source. The first is kept.

Why it matters
    A server holds each of them once. Two mean that files were joined by hand, and the second may be the newer.

Example
    dhcp01.xml:300: scope 10.20.0.0 stands in the file twice, first at line 120.

Remedy
    Export again from the server.

References
    Export-DhcpServer writes each object once.
"""

from __future__ import annotations

from migrate.checks.rule import SOURCE
from migrate.model.finding import Severity

ID = "duplicate-object"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE
