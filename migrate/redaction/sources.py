"""Everything a source says, redacted; and what the parsers said about it, told without its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from migrate.checks import PAGES, page_section
from migrate.model.finding import Finding
from migrate.model.origin import Origin
from migrate.model.server import NotCarried, Role, Source
from migrate.redaction.configuration import ConfigurationRedactor
from migrate.redaction.leases import redacted_leases
from migrate.redaction.pseudonyms import Pseudonyms, key_of

_SUFFIXES = frozenset({".xml", ".txt", ".csv", ".log"})
_PAGES = {page.ID: page for page in PAGES}
_ADDRESS_FIRST = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}) ?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    sources: Mapping[Role, Source]
    pseudonyms: Pseudonyms
    """For names that did not come from the inputs, such as the new partner's."""
    paths: Mapping[str, str]
    """What each input is called instead: `primary.xml`, `secondary-leases-1.txt`."""


def redact(sources: Mapping[Role, Source]) -> Redacted:
    """Reads every input once more, for the key."""
    paths = _labels(sources)
    pseudonyms = Pseudonyms(key_of(Path(path) for path in paths))
    return Redacted(
        sources={role: _source(source, pseudonyms, paths) for role, source in sources.items()}, pseudonyms=pseudonyms, paths=paths
    )


def _labels(sources: Mapping[Role, Source]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for role, source in sources.items():
        labels.setdefault(source.path, role.value + _suffix(source.path))
        for number, (path, _) in enumerate(source.lease_paths, 1):
            labels.setdefault(path, f"{role}-leases-{number}{_suffix(path)}")
    return labels


def _suffix(path: str) -> str:
    suffix = Path(path).suffix.lower()
    return suffix if suffix in _SUFFIXES else ""


def _source(source: Source, pseudonyms: Pseudonyms, paths: dict[str, str]) -> Source:
    configuration = ConfigurationRedactor(pseudonyms, paths)
    return replace(
        source,
        path=paths[source.path],
        server=configuration.server(source.server),
        leases=redacted_leases(source.leases, pseudonyms, paths),
        not_carried=tuple(_not_carried(item, pseudonyms, configuration) for item in source.not_carried),
        findings=tuple(_finding(finding, pseudonyms, configuration) for finding in source.findings),
        lease_paths=tuple((paths[path], digest) for path, digest in source.lease_paths),
    )


def _not_carried(item: NotCarried, pseudonyms: Pseudonyms, configuration: ConfigurationRedactor) -> NotCarried:
    """Its reason may quote the input, so only what follows from the rest is said."""
    match = _ADDRESS_FIRST.fullmatch(item.key)
    key = " ".join(filter(None, (match[1], pseudonyms.name(match[2])))) if match else pseudonyms.name(item.key)
    reason = "neither failover nor an import file can carry it" if item.unsupported else "it cannot be read or used"
    return replace(item, key=key, reason=reason, origin=configuration.origin(item.origin))


def _finding(finding: Finding, pseudonyms: Pseudonyms, configuration: ConfigurationRedactor) -> Finding:
    """The words of the rule's page instead of the parser's, which quote what was found."""
    page = _PAGES.get(finding.rule)
    title = (page.__doc__ or "").partition("\n")[0] if page else finding.rule
    places: tuple[Origin | None, ...] = tuple(map(configuration.origin, finding.places))
    return replace(
        finding,
        object=configuration.identifier(finding.object),
        message=f"{title} What exactly is not told in a redacted output.",
        remedy=page_section(page, "Remedy") if page else "",
        places=tuple(place for place in places if place),
        waived=pseudonyms.text(finding.waived),
    )
