"""An output folder read back: the plan, its leases, and what was left out of it. Nothing else in the folder is believed."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from migrate.emit.leases_csv import read_leases_csv
from migrate.errors import InputError, UsageError
from migrate.folder import MANIFEST, is_output
from migrate.load import sha256_of
from migrate.model.leases import LeaseTable
from migrate.model.ledger import Disposition
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind
from migrate.model.target import Target
from migrate.plan import read_plan

PLAN = "plan.json"
LEASES = "leases.csv"
LEDGER = "ledger.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    folder: Path
    target: Target
    leases: LeaseTable
    left_out: frozenset[IPv4Address]
    """Scopes that a source held and the plan does not."""


def read_planned(folder: Path) -> Planned:
    """Raises UsageError for a folder without a plan of ours, InputError for files that are not as they were written."""
    if not is_output(folder):
        raise UsageError(
            "not-an-output",
            f"{folder} is not an output folder of unsplit (it has no {MANIFEST} of ours).",
            hint="Name the folder that `unsplit migrate` was given with --out.",
            places=[Origin(str(folder))],
        )
    if not (folder / PLAN).exists():
        raise UsageError(
            "no-plan",
            f"{folder} holds reports, but no plan: the run that wrote it was an audit, or was not ready.",
            hint="Name the folder of a `unsplit migrate` run that was ready.",
            places=[Origin(str(folder / PLAN))],
        )
    for name in (PLAN, LEASES, LEDGER):
        _refuse_changed(folder, name)
    return Planned(
        folder=folder,
        target=read_plan((folder / PLAN).read_text("utf-8"), str(folder / PLAN)),
        leases=read_leases_csv(folder / LEASES),
        left_out=_left_out(folder / LEDGER),
    )


def _refuse_changed(folder: Path, name: str) -> None:
    """What is verified must be what was approved and applied."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        written = {output["path"]: output["sha256"] for output in manifest["outputs"]}
        found = sha256_of(folder / name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "output-incomplete", f"{folder}: {name} or {MANIFEST} cannot be read: {error}", places=[Origin(str(folder / name))]
        ) from error
    if written.get(name) != found:
        raise InputError(
            "output-changed",
            f"{folder / name} is not the file that was written: its sha256 is not that of {MANIFEST}.",
            hint="Restore the folder as `unsplit migrate` wrote it.",
            places=[Origin(str(folder / name))],
        )


def _left_out(ledger: Path) -> frozenset[IPv4Address]:
    with ledger.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        kind, key, disposition = map(header.index, ("kind", "key", "disposition"))
        return frozenset(
            IPv4Address(row[key]) for row in rows if row[kind] == ObjectKind.SCOPE and row[disposition] == Disposition.DROPPED
        )
