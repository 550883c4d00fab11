"""The answers of `unsplit verify` and `unsplit diff` for programs: one JSON document each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import Any

from migrate.compare.exports import ExportDifference
from migrate.compare.leases import LeaseComparison
from migrate.compare.servers import Outcome, Unsaid
from migrate.compare.verification import Verification
from migrate.model.lease_text import utc_text
from migrate.model.leases import Lease
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind, Role
from reports.comparison import Compared, difference_sentence, verification_sentence
from reports.machine import findings_data
from reports.tables.comparison import holder_text


def verification_data(verification: Verification, compared: Compared, version: str) -> dict[str, Any]:
    names = compared.names
    return {
        "format": "unsplit-verification",
        "version": 1,
        "unsplit": version,
        "as_of": utc_text(verification.as_of_s),
        "verdict": {
            "clean": verification.is_clean,
            "proven": verification.is_proven,
            "exit_status": verification.exit_status,
            "sentence": verification_sentence(verification, names),
        },
        "partners": _sources_data(compared),
        "objects": _objects_data(verification.tally),
        "deviations": [
            {
                "kind": each.kind.value,
                "scope_id": _address(each.scope_id),
                "object": each.key,
                "setting": each.setting or None,
                "outcome": each.outcome.value,
                "planned": each.planned,
                **{role.value: each.found[role] for role in Role},
                "as_planned_on": each.as_planned_on,
                "replicated": each.is_replicated,
                "places": _places(each.places),
            }
            for each in verification.deviations
        ],
        "replications": [
            {
                "scope_id": str(each.scope_id),
                "from": each.source,
                "overwrites": each.overwritten,
                "deletes": list(each.deleted),
            }
            for each in verification.replications
        ],
        "leases": _leases_data(verification.leases),
        "without_leases": list(verification.without_leases),
        "not_said": {role.value: _unsaid_data(unsaid) for role, unsaid in verification.unsaid.items()},
        "left_out": list(map(str, verification.left_out)),
        "findings": findings_data(compared.findings),
    }


def difference_data(difference: ExportDifference, compared: Compared, version: str) -> dict[str, Any]:
    return {
        "format": "unsplit-diff",
        "version": 1,
        "unsplit": version,
        "as_of": utc_text(difference.as_of_s),
        "verdict": {
            "same": difference.is_clean,
            "exit_status": difference.exit_status,
            "sentence": difference_sentence(difference),
        },
        "servers": _sources_data(compared),
        "objects": _objects_data(difference.configuration.tally()),
        "differences": [
            {
                "kind": each.kind.value,
                "scope_id": _address(each.scope_id),
                "object": each.key,
                "setting": each.setting or None,
                "outcome": each.outcome.value,
                Role.PRIMARY.value: each.expected,
                Role.SECONDARY.value: each.found,
                "places": _places(each.places),
            }
            for each in difference.configuration.differences
        ],
        "leases": _leases_data(difference.leases),
        "without_leases": list(difference.without_leases),
        "not_said": {role.value: _unsaid_data(unsaid) for role, unsaid in difference.unsaid.items()},
        "findings": findings_data(compared.findings),
    }


def _objects_data(tally: Mapping[ObjectKind, Counter[Outcome]]) -> list[dict[str, Any]]:
    return [
        {"kind": kind.value, **{outcome.value.replace(" ", "_"): counts[outcome] for outcome in Outcome}}
        for kind, counts in tally.items()
    ]


def _sources_data(compared: Compared) -> list[dict[str, Any]]:
    return [
        {
            "role": role.value,
            "server": source.server.name,
            "path": source.path,
            "sha256": source.sha256,
            "leases": len(source.leases) if source.has_leases else None,
        }
        for role, source in compared.sources.items()
    ]


def _leases_data(leases: LeaseComparison | None) -> dict[str, Any] | None:
    if leases is None:
        return None
    return {
        **{outcome.word.replace(" ", "_"): number for outcome, number in leases.counts().items()},
        "two_clients": leases.contested_count,
        "new": leases.new,
        "new_on_one_side": leases.new_on_one_side,
        "wrong": [
            {
                "ip_address": str(each.lease.ip_address),
                "scope_id": str(each.lease.scope_id),
                "client_id": str(each.lease.client_id),
                "host_name": each.lease.host_name,
                "until": utc_text(each.lease.expiry_s),
                "outcome": each.outcome.word,
                "found": {role.value: _holder(lease) for role, lease in each.holders.items()},
                "now_at": _address(each.now_at),
            }
            for each in leases.wrong
        ],
        "contested": [
            {
                "ip_address": str(each.ip_address),
                "scope_id": str(each.scope_id),
                "found": {role.value: _holder(lease) for role, lease in each.leases.items()},
            }
            for each in leases.contested
        ],
    }


def _holder(lease: Lease | None) -> str | None:
    return None if lease is None else holder_text(lease)


def _unsaid_data(unsaid: Iterable[Unsaid]) -> list[dict[str, Any]]:
    return [
        {"kind": each.kind.value, "scope_id": _address(each.scope_id), "object": each.key, "setting": each.setting or None}
        for each in unsaid
    ]


def _address(address: IPv4Address | None) -> str | None:
    return None if address is None else str(address)


def _places(places: Iterable[Origin]) -> list[dict[str, Any]]:
    return [{"path": place.path, "line": place.line or None} for place in places]
