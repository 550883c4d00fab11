"""The life of one address or client before and after, read back from an output folder."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

from migrate.errors import UsageError
from migrate.folder import is_output
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.origin import Origin
from migrate.model.scope import Scope
from migrate.model.target import Target
from migrate.plan import read_plan

Thing = IPv4Address | ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """`before` are ledger rows as (source, what, disposition, reason, line); `after` are sentences about the target."""

    thing: Thing
    before: tuple[tuple[str, str, str, str, str], ...]
    after: tuple[str, ...]
    findings: tuple[str, ...]
    decisions: tuple[str, ...]


def parse_thing(text: str) -> Thing | None:
    """An address or a client id; None when the text is neither."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        pass
    try:
        client = ClientId.parse(text)
    except ValueError:
        return None
    return client if client.octets else None


def explain_thing(thing: Thing, folder: Path) -> Life:
    """Raises UsageError for a folder that is no output of ours."""
    if not is_output(folder):
        raise UsageError(
            "not-an-output",
            f"{folder} is not an output folder of unsplit (it has no manifest.json of ours).",
            hint="Name the folder that was given to --out.",
            places=[Origin(str(folder))],
        )
    about = _about_address(thing) if isinstance(thing, IPv4Address) else _about_client(thing)
    target = (
        read_plan((folder / "plan.json").read_text("utf-8"), str(folder / "plan.json")) if (folder / "plan.json").exists() else None
    )
    return Life(
        thing=thing,
        before=tuple(_ledger_rows(folder, about)),
        after=tuple(_after(thing, target, folder)),
        findings=tuple(_findings(folder, about)),
        decisions=tuple(_decisions(folder, about)),
    )


def _about_address(address: IPv4Address) -> Callable[[str], bool]:
    """Whether a ledger key or an object names the address: alone, first of several words, or inside a range."""
    text = str(address)

    def about(key: str) -> bool:
        if key == text or key.startswith(f"{text} ") or f" {text} " in f" {key} ":
            return True
        first, dash, last = key.partition(" - ")
        try:
            return bool(dash) and address in AddressRange.parse(first, last)
        except ValueError:
            return False

    return about


def _about_client(client: ClientId) -> Callable[[str], bool]:
    text = str(client)
    return lambda key: text in key.split()


def _ledger_rows(folder: Path, about: Callable[[str], bool]) -> Iterator[tuple[str, str, str, str, str]]:
    with (folder / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if about(row["key"]):
                yield row["source"], f"{row['kind']} {row['key']}", row["disposition"], row["reason"], row["line"]


def _after(thing: Thing, target: Target | None, folder: Path) -> Iterator[str]:
    if target is None:
        yield "nothing yet: the run was not ready, so it wrote no plan"
        return
    if isinstance(thing, IPv4Address):
        scope = next((scope for scope in target.server.scopes if thing in scope.network), None)
        yield _place(thing, scope)
    for scope in target.server.scopes:
        for reservation in scope.reservations:
            if thing in (reservation.ip_address, reservation.client_id):
                name = f" ({reservation.name})" if reservation.name else ""
                yield f"{reservation.ip_address} is reserved for {reservation.client_id}{name} in scope {scope.scope_id}"
    with (folder / "leases.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if str(thing) in (row["ip_address"], row["client_id"]):
                until = row["lease_expiry_utc"] or "no end"
                client = f"{row['client_id']} {row['host_name']}".strip()
                yield f"{row['ip_address']} is leased to {client} until {until}, read on {row['source']}"


def _place(address: IPv4Address, scope: Scope | None) -> str:
    if scope is None:
        return f"{address} lies in no migrated scope"
    where = f"scope {scope.scope_id} ({scope.name})" if scope.name else f"scope {scope.scope_id}"
    if address in scope.excluded:
        return f"{address} is excluded in {where}"
    if address in scope.range_set:
        return f"{address} is in the pool of {where}, shared by both partners"
    return f"{address} lies outside the range of {where}"


def _findings(folder: Path, about: Callable[[str], bool]) -> Iterator[str]:
    for finding in _json(folder / "findings.json"):
        if about(finding["object"]):
            yield f"{finding['severity']}: {finding['rule']}: {finding['message']}"


def _decisions(folder: Path, about: Callable[[str], bool]) -> Iterator[str]:
    document = tomllib.loads((folder / "decisions.toml").read_text("utf-8"))
    for decision in document.get("decision", []):
        if about(decision["object"]):
            yield f"{decision['id']}: {decision['choice'] or decision['default'] or 'open'}"


def _json(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return loaded
