"""Opening an input file, or saying in one sentence why it cannot be used.

Nothing here looks at the content; `parsers.recognise` does.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from migrate.errors import InputError
from migrate.model.origin import Origin
from parsers.result import MIB, ReadOptions


def open_input(path: Path, options: ReadOptions) -> BinaryIO:
    """The file, open for reading. Raises InputError when it is missing, no regular file, unreadable, empty or too large."""
    try:
        _check(path, path.stat(), options)
        return path.open("rb")
    except FileNotFoundError:
        raise _refusal("input-missing", f"There is no file {path}.", "Check the name and the current folder.", path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refusal(
            "input-unreadable", f"{path} cannot be opened: {reason}.", "Check the permissions of the file.", path
        ) from None


def _refusal(reference: str, message: str, hint: str, path: Path) -> InputError:
    return InputError(reference, message, hint=hint, places=[Origin(str(path))])


def _check(path: Path, status: os.stat_result, options: ReadOptions) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _refusal("input-is-directory", f"{path} is a directory.", "Name the export file in it, not the folder.", path)
    if not stat.S_ISREG(status.st_mode):
        raise _refusal("input-not-a-file", f"{path} is no regular file.", "Write the export to a file and name that.", path)
    if not status.st_size:
        raise _refusal("input-empty", f"{path} is empty.", "Run the export again and look for errors it reports.", path)
    if status.st_size > options.max_input_size:
        raise _refusal(
            "input-too-large",
            f"{path} holds {status.st_size:,} octets, more than the limit of {options.max_input_size:,}.",
            f"If this is the right file, raise --max-input-size above {status.st_size // MIB} MiB.",
            path,
        )
