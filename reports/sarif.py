"""Findings as SARIF 2.1.0, for code scanning services and editors: every rule with its page, every finding with its place."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import quote

from migrate.checks import PAGES, page_section
from migrate.checks.rule import Page
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from reports.machine import json_text
from reports.verdict import RunRecord
from reports.visible import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.BLOCK: "error", Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def sarif_text(findings: Sequence[Finding], run: RunRecord) -> str:
    """One run, its results in the order given. The same findings give the same octets."""
    return json_text(sarif_data(findings, run))


def sarif_data(findings: Sequence[Finding], run: RunRecord) -> dict[str, Any]:
    indices = {page.ID: number for number, page in enumerate(PAGES)}
    seen: Counter[str] = Counter()
    driver = {"name": "unsplit", "version": run.version, "rules": [_rule(page) for page in PAGES]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, indices, seen) for finding in findings],
            }
        ],
    }


def _rule(page: Page) -> dict[str, Any]:
    title = (page.__doc__ or "").partition("\n")[0]
    remedy, references = page_section(page, "Remedy"), page_section(page, "References")
    return {
        "id": page.ID,
        "shortDescription": {"text": _message(title)},
        "fullDescription": {"text": _message(f"{page_section(page, 'What it finds')} {page_section(page, 'Why it matters')}")},
        "help": {"text": _message(f"{remedy} References: {references}")},
        "defaultConfiguration": {"level": LEVELS[page.SEVERITY]},
        "properties": {"severity": page.SEVERITY.word} | ({"number": page.NUMBER} if page.NUMBER else {}),
    }


def _result(finding: Finding, indices: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    first, *others = finding.places or (None,)
    scope = f"{finding.scope_id}/" if finding.scope_id else ""
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": visible(f"{scope}{finding.object}")}]}
    if first:
        location |= _physical(first)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(f"{finding.message} {finding.remedy}")},
        "locations": [location],
        "partialFingerprints": {"unsplit/v1": _fingerprint(finding, seen)},
        "properties": {"severity": finding.severity.word},
    }
    if finding.rule in indices:
        result["ruleIndex"] = indices[finding.rule]
    if others:
        result["relatedLocations"] = [_physical(place) for place in others]
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": visible(finding.waived)}]
    return result


def _physical(place: Origin) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.path)}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    """A relative reference, or a file URI for an absolute path of either family."""
    if _DRIVE.match(path) or path.startswith("\\\\"):
        parts = PureWindowsPath(path).as_posix()
        return ("file:" if parts.startswith("//") else "file:///") + _quoted(parts, safe="/:")
    return ("file://" if path.startswith("/") else "") + _quoted(path, safe="/")


def _quoted(path: str, safe: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape" if _escapes_octets(path) else "replace"), safe=safe)


def _escapes_octets(path: str) -> bool:
    """Whether every lone surrogate stands for an octet that is no text, the way Python names such files."""
    return all("\udc80" <= character <= "\udcff" for character in path if "\ud800" <= character <= "\udfff")


def _fingerprint(finding: Finding, seen: Counter[str]) -> str:
    """The same thing found again has the same fingerprint, whatever its line or the words about it."""
    key = f"{finding.rule}\n{finding.scope_id or ''}\n{finding.object}"
    seen[key] += 1
    digest = hashlib.sha256(f"{key}\n{seen[key]}".encode(errors="replace"))
    return digest.hexdigest()[:32]


def _message(text: str) -> str:
    """Braces make placeholders and `[..](..)` makes links in SARIF messages (sections 3.11.5 and 3.11.6)."""
    doubled = visible(text).replace("{", "{{").replace("}", "}}")
    return doubled.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in doubled else doubled
