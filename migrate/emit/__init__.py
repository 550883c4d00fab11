"""Target systems: each emitter writes the files of one, from the target and the merged leases alone.

Importing this package costs nothing: an emitter loads its libraries when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from migrate.model.leases import LeaseTable
    from migrate.model.target import Target


class Output(Protocol):
    """Where an emitter writes: `migrate.folder.OutputFolder`, or a stand-in."""

    def binary(self, name: str) -> AbstractContextManager[BinaryIO]: ...


def _windows(target: Target, leases: LeaseTable, output: Output) -> None:
    from migrate.emit import powershell, windows_xml

    with output.binary("windows/primary.xml") as stream:
        windows_xml.write_primary_xml(target, leases, stream)
    with output.binary("windows/secondary.xml") as stream:
        windows_xml.write_secondary_xml(target, stream)
    with output.binary("windows/apply.ps1") as stream:
        stream.write(powershell.apply_script(target))


EMITTERS: Mapping[str, Callable[[Target, LeaseTable, Output], None]] = {"windows": _windows}
