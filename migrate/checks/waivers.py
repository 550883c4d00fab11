"""Findings that somebody has accepted, with a reason and until a date. Nothing here reads the file (`migrate.waivers_file`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address

from migrate.checks import waiver_expired, waiver_refused, waiver_unused
from migrate.checks.rule import Page
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    rule: str
    object: str
    reason: str
    until: date
    """The last day on which it holds, UTC."""
    scope_id: IPv4Address | None = None
    """None: the object in every scope."""
    origin: Origin

    def covers(self, finding: Finding) -> bool:
        return (self.rule, self.object) == (finding.rule, finding.object) and self.scope_id in (None, finding.scope_id)

    def is_over(self, as_of_s: int) -> bool:
        return datetime.fromtimestamp(as_of_s, UTC) >= datetime.combine(self.until + timedelta(days=1), datetime.min.time(), UTC)

    def __str__(self) -> str:
        return f"The waiver of {self.rule} for {self.object}{f' in scope {self.scope_id}' if self.scope_id else ''}"


def apply_waivers(findings: Sequence[Finding], waivers: Iterable[Waiver], as_of_s: int) -> tuple[Finding, ...]:
    """The findings, those that are waived with the reason, and what is to be said about the waivers themselves.

    Where several waivers cover a finding, the first in force gives the reason.
    """
    by_key: dict[tuple[str, str], list[int]] = {}
    for number, finding in enumerate(findings):
        by_key.setdefault((finding.rule, finding.object), []).append(number)
    judged = list(findings)
    remarks = []
    for waiver in waivers:
        if waiver.is_over(as_of_s):
            remarks.append(_expired(waiver))
            continue
        covered = [number for number in by_key.get((waiver.rule, waiver.object), ()) if waiver.covers(findings[number])]
        blocking = [number for number in covered if findings[number].severity is Severity.BLOCK]
        if not covered:
            remarks.append(_unused(waiver))
        if blocking:
            remarks.append(_refused(waiver, len(blocking)))
        for number in covered:
            if number not in blocking and not judged[number].waived:
                judged[number] = replace(judged[number], waived=waiver.reason)
    return (*judged, *remarks)


def _expired(waiver: Waiver) -> Finding:
    message = f"{waiver} ended on {waiver.until}; it was given because: {waiver.reason}."
    return _remark(waiver_expired, waiver, message, "Clear what it is about, or agree on a later date and change `until`.")


def _unused(waiver: Waiver) -> Finding:
    return _remark(
        waiver_unused, waiver, f"{waiver} covers no finding of this run.", "Correct its rule and object, or take it out."
    )


def _refused(waiver: Waiver, blocking: int) -> Finding:
    message = f"{waiver} covers {counted(blocking, 'finding')} of severity block, which nobody can waive."
    return _remark(waiver_refused, waiver, message, "Decide the conflict in decisions.toml, and take the waiver out.")


def _remark(page: Page, waiver: Waiver, message: str, remedy: str) -> Finding:
    return Finding(
        rule=page.ID,
        severity=page.SEVERITY,
        scope_id=waiver.scope_id,
        object=f"{waiver.rule} {waiver.object}",
        message=message,
        remedy=remedy,
        places=(waiver.origin,),
    )
