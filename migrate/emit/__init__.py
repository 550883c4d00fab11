"""Target systems: each emitter writes the files of one, from the target and the merged leases alone.

Importing this package costs nothing: an emitter loads its libraries when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from migrate.model.leases import LeaseTable
    from migrate.model.server import Role, Source
    from migrate.model.target import Target


class Output(Protocol):
    """Where an emitter writes: `migrate.folder.OutputFolder`, or a stand-in."""

    def binary(self, name: str) -> AbstractContextManager[BinaryIO]: ...

    def digests(self) -> Mapping[str, str]:
        """The sha256 of every file written so far, by name, in the order of names."""
        ...


Emitter = Callable[["Target", "LeaseTable", Mapping["Role", "Source"], Output], None]
"""Given the target, its merged leases, and the sources as they were exported, for what has to be told apart from them later."""


def _windows(target: Target, leases: LeaseTable, sources: Mapping[Role, Source], output: Output) -> None:
    from migrate.emit import windows_xml
    from migrate.emit.runbook.files import write_runbook

    with output.binary("windows/primary.xml") as stream:
        windows_xml.write_primary_xml(target, leases, stream)
    with output.binary("windows/secondary.xml") as stream:
        windows_xml.write_secondary_xml(target, stream)
    write_runbook(target, leases, sources, output)


EMITTERS: Mapping[str, Emitter] = {"windows": _windows}
