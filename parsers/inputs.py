"""Opening an input file, or saying in one sentence why it cannot be used.

Nothing here looks at the content; `parsers.recognise` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from migrate.errors import InputError
from migrate.model.origin import Origin
from parsers.result import MIB, ReadOptions


def open_input(path: Path, options: ReadOptions) -> BinaryIO:
    """The file, open for reading. Raises InputError when it is missing, no regular file, unreadable, empty or too large."""
    place = [Origin(str(path))]
    if path.is_dir():
        raise InputError(
            "input-is-directory", f"{path} is a directory.", hint="Name the export file in it, not the folder.", places=place
        )
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(
            "input-missing", f"There is no file {path}.", hint="Check the name and the current folder.", places=place
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            "input-unreadable",
            f"{path} cannot be opened: {reason}.",
            hint="Check the permissions of the file.",
            places=place,
        ) from None
    try:
        _check_size(path, options, file)
    except BaseException:
        file.close()
        raise
    return file


def _check_size(path: Path, options: ReadOptions, file: BinaryIO) -> None:
    size = file.seek(0, 2) if file.seekable() else 1
    if not size:
        raise InputError(
            "input-empty",
            f"{path} is empty.",
            hint="Run the export again and look for errors it reports.",
            places=[Origin(str(path))],
        )
    if size > options.max_input_size:
        raise InputError(
            "input-too-large",
            f"{path} holds {size:,} octets, more than the limit of {options.max_input_size:,}.",
            hint=f"If this is the right file, raise --max-input-size above {-(-size // MIB)} MiB.",
            places=[Origin(str(path))],
        )
    if file.seekable():
        file.seek(0)
