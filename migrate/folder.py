"""The output folder: all of it appears at once, or nothing changes.

Files are written into a hidden sibling and renamed into place at the end. A run that fails, is interrupted or is terminated
leaves the destination as it was. A run that is killed outright (SIGKILL, power) does so too, but leaves the sibling
`.<name>.<token>.partial` behind. What the files say is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import secrets
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import FrameType, TracebackType
from typing import Any, BinaryIO, Self, TextIO, cast

from migrate.errors import UsageError
from migrate.model.origin import Origin

MANIFEST = "manifest.json"
MANIFEST_FORMAT = "unsplit-output"
MANIFEST_VERSION = 1

_BUFFER_SIZE = 1 << 20
_ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class OutputFolder:
    """A context: open files with `text`, `binary` or `path`; leaving it without an exception puts the folder in place.

    Raises UsageError when the destination is not empty and `force` is not given. With `force` the former output is replaced as
    a whole, but only if it is one: a folder without our manifest is never deleted.
    """

    def __init__(self, destination: Path, *, force: bool = False) -> None:
        self.destination = destination.resolve()
        self._force = force
        self._digests: dict[str, str] = {}
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.refuse_unless_replaceable()
        with contextlib.ExitStack() as cleanup:
            cleanup.enter_context(_ending_signals_raise())
            try:
                cleanup.callback(_remove_folders, _make_parents(self.destination))
                self._partial = self._sibling("partial")
                self._partial.mkdir()
            except OSError as error:
                raise UsageError("output-not-writable", f"cannot write to {self.destination.parent}: {error.strerror}") from error
            cleanup.callback(shutil.rmtree, self._partial, ignore_errors=True)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._cleanup:
            if kind is None:
                self.refuse_unless_replaceable()
                self._put_in_place()

    @contextlib.contextmanager
    def path(self, name: str) -> Iterator[Path]:
        """For a writer that must seek or open the file itself; the digest is taken when it is done."""
        path = self._claim(name)
        yield path
        with path.open("rb") as written:
            self._digests[name] = hashlib.file_digest(written, "sha256").hexdigest()

    @contextlib.contextmanager
    def binary(self, name: str) -> Iterator[BinaryIO]:
        """Not seekable: the digest is taken while writing."""
        with self._claim(name).open("xb", buffering=0) as raw:
            hashing = _HashingWriter(raw)
            with io.BufferedWriter(hashing, _BUFFER_SIZE) as stream:
                yield cast(BinaryIO, stream)
            self._digests[name] = hashing.sha256.hexdigest()

    @contextlib.contextmanager
    def text(self, name: str) -> Iterator[TextIO]:
        """UTF-8; line ends are written as they are given."""
        with self.binary(name) as stream, io.TextIOWrapper(stream, "utf-8", newline="") as text:
            yield text

    def digests(self) -> dict[str, str]:
        """The sha256 of every file written so far, by name, in the order of names."""
        return dict(sorted(self._digests.items()))

    def _claim(self, name: str) -> Path:
        """Where to write `name`. Raises ValueError for a name that leads outside, or that was written before."""
        inside = PurePosixPath(name)
        if not inside.parts or ".." in inside.parts or inside.is_absolute() or "\\" in name or PureWindowsPath(name).drive:
            raise ValueError(f"not a name inside the output folder: {name!r}")
        path = self._partial / inside
        if path.exists():
            raise ValueError(f"written twice: {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _sibling(self, purpose: str) -> Path:
        return self.destination.with_name(f".{self.destination.name}.{secrets.token_hex(4)}.{purpose}")

    def refuse_unless_replaceable(self) -> None:
        """Raises UsageError when the destination may not be written. Called on entering and leaving; callable before long work."""
        place = [Origin(str(self.destination))]
        if Path.cwd().is_relative_to(self.destination):
            raise UsageError(
                "output-is-current-folder",
                "The output folder is put in place by renaming, which cannot be done to the folder you stand in.",
                hint="Name another folder, or run from the folder above.",
                places=place,
            )
        if not self.destination.exists():
            return
        if not self.destination.is_dir():
            raise UsageError("output-not-a-folder", f"{self.destination} is not a folder.", places=place)
        if not any(self.destination.iterdir()):
            return
        if not self._force:
            raise UsageError(
                "output-not-empty",
                f"The output folder {self.destination} is not empty.",
                hint="Name a new folder, or replace a former output with --force.",
                places=place,
            )
        if not is_output(self.destination):
            raise UsageError(
                "output-not-ours",
                f"{self.destination} holds files, but no {MANIFEST} of unsplit: it is not a former output and is not deleted.",
                hint="Name a new folder.",
                places=place,
            )

    def _put_in_place(self) -> None:
        if not self.destination.exists():
            self._partial.rename(self.destination)
            return
        former = self._sibling("former")
        self.destination.rename(former)
        try:
            self._partial.rename(self.destination)
        except BaseException:
            former.rename(self.destination)
            raise
        shutil.rmtree(former, ignore_errors=True)


def is_output(folder: Path) -> bool:
    """Whether the folder was written by unsplit, judged by the mark in its manifest."""
    return _manifest_of(folder).get("format") == MANIFEST_FORMAT


def is_redacted(folder: Path) -> bool:
    return bool(_manifest_of(folder).get("redacted"))


def _manifest_of(folder: Path) -> dict[str, Any]:
    """Empty when there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def manifest_json(
    *,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    options: Mapping[str, Any],
    version: str,
    as_of_s: int,
    dry_run: str,
    redacted: bool = False,
) -> str:
    """`inputs` and `outputs` map paths to sha256. No time of writing: the same run gives the same bytes."""
    manifest = {
        "format": MANIFEST_FORMAT,
        "version": MANIFEST_VERSION,
        "unsplit_version": version,
        "as_of": datetime.fromtimestamp(as_of_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "dry_run": dry_run,
        "redacted": redacted,
        "options": dict(sorted(options.items())),
        "inputs": [{"path": path, "sha256": digest} for path, digest in inputs.items()],
        "outputs": [{"path": path, "sha256": digest} for path, digest in sorted(outputs.items())],
    }
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


class _HashingWriter(io.RawIOBase):
    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = self._raw.write(data) or 0
        self.sha256.update(memoryview(data)[:written])
        return written


def _make_parents(destination: Path) -> list[Path]:
    """The parents that had to be made, outermost first."""
    missing = [parent for parent in destination.parents if not parent.exists()][::-1]
    destination.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_folders(folders: list[Path]) -> None:
    """Innermost first, and only while they are empty: they are not once the output stands in them."""
    with contextlib.suppress(OSError):
        for folder in reversed(folders):
            folder.rmdir()


@contextlib.contextmanager
def _ending_signals_raise() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack like Ctrl-C, so that everything written is removed on the way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    replaced: dict[int, Callable[..., Any] | int | None] = {}
    for number in _ENDING_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            replaced[number] = signal.signal(number, _raise_exit)
    try:
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)


def _raise_exit(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once: a second signal must not cut the clearing up short
    raise SystemExit(128 + number)
