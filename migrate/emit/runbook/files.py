"""The files of the runbook in `windows/`: scripts, module, data, description, and the manifest that pins the data.

The scripts are the same for every plan and are copied as they are: ASCII, with the line ends of Windows. `windows/` is complete in
itself, so that it can be copied alone to the machine of an administrator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from migrate.emit import Output
from migrate.emit.runbook.description import description
from migrate.emit.runbook.plan_data import FORMAT, VERSION, plan_data
from migrate.model.leases import LeaseTable
from migrate.model.server import Role, Source
from migrate.model.target import Target

FOLDER = "windows/"


def write_runbook(target: Target, leases: LeaseTable, sources: Mapping[Role, Source], output: Output) -> None:
    """The last files of `windows/`, because the manifest names all of them.

    Raises ValueError when the relationships name more than one pair of servers: that is more than one runbook.
    """
    pairs = {(relationship.primary_server, relationship.secondary_server) for relationship in target.relationships}
    if len(pairs) != 1:
        raise ValueError(f"a runbook is for one pair of servers, not {len(pairs)}")
    for name, text in scripts():
        _write(output, name, text)
    with output.binary(f"{FOLDER}plan-data.jsonl") as stream:
        for line in plan_data(target, leases, sources):
            stream.write(f"{line}\n".encode("ascii"))
    with output.binary(f"{FOLDER}runbook.md") as stream:
        stream.write(description(target, sources).encode())
    with output.binary(f"{FOLDER}manifest.json") as stream:
        stream.write(_manifest(output.digests()).encode())


def scripts() -> Iterator[tuple[str, str]]:
    """Name in the folder and text of each script and module part."""
    return _walk(files("migrate.emit.runbook") / "scripts", "")


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".ps1", ".psm1")):
            yield prefix + entry.name, entry.read_text("ascii")


def _write(output: Output, name: str, text: str) -> None:
    with output.binary(FOLDER + name) as stream:
        stream.write(text.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii"))


def _manifest(digests: Mapping[str, str]) -> str:
    own = [{"path": path.removeprefix(FOLDER), "sha256": digest} for path, digest in digests.items() if path.startswith(FOLDER)]
    return json.dumps({"format": FORMAT, "version": VERSION, "files": own}, indent=1) + "\n"
