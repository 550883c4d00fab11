"""The output folder appears as a whole or not at all, and never at the cost of somebody else's files."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import pytest
from commands import without_privileges

from migrate.errors import UsageError
from migrate.folder import MANIFEST, OutputFolder, is_output, is_redacted, manifest_json


def write_output(destination: Path, content: str, *, force: bool = False) -> dict[str, str]:
    with OutputFolder(destination, force=force) as folder:
        with folder.text("plan.json") as text:
            text.write(content)
        with folder.text(MANIFEST) as text:
            text.write(manifest_json(inputs={}, outputs=folder.digests(), options={}, version="0", as_of_s=0, dry_run="not run"))
        return folder.digests()


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every path under the folder, hidden ones included, with its content; None for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def test_files_appear_together_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with OutputFolder(out) as folder:
        with folder.text("leases.csv") as text:
            text.write("a\r\nb\n")
        with folder.binary("windows/primary.xml") as stream:
            stream.write(b"\xef\xbb\xbf<x/>")
        assert not out.exists()
    assert tree(tmp_path) == {
        "out": None,
        "out/leases.csv": b"a\r\nb\n",
        "out/windows": None,
        "out/windows/primary.xml": b"\xef\xbb\xbf<x/>",
    }


def test_digests_are_those_of_the_files(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as folder:
        with folder.binary("z.bin") as stream:
            for size in (0, 1, 1 << 20, (1 << 20) + 1):
                stream.write(os.urandom(size))
        with folder.text("a.txt") as text:
            text.write("é’" * 100_000)
        with folder.path("m.zip") as path, zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x", "y")
        digests = folder.digests()
    expected = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / "out").iterdir())}
    assert digests == expected
    assert list(digests) == sorted(digests)


def test_a_stream_that_a_zip_writer_gets_is_complete(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as folder, folder.binary("a.xlsx") as stream, zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x", "y" * 1000)
    assert zipfile.ZipFile(tmp_path / "out" / "a.xlsx").read("x") == b"y" * 1000


def test_the_folder_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    write_output(tmp_path / "out", "x")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_output(tmp_path / "out", "x")
    assert (tmp_path / "out" / "plan.json").read_text() == "x"


def test_missing_parents_are_made_and_taken_back(tmp_path: Path) -> None:
    write_output(tmp_path / "a" / "b" / "out", "x")
    assert (tmp_path / "a" / "b" / "out" / "plan.json").exists()
    with pytest.raises(RuntimeError), OutputFolder(tmp_path / "c" / "d" / "out"):
        raise RuntimeError
    assert not (tmp_path / "c").exists()


def test_a_folder_with_files_needs_force(tmp_path: Path) -> None:
    write_output(tmp_path / "out", "former")
    before = tree(tmp_path)
    with pytest.raises(UsageError) as refused:
        write_output(tmp_path / "out", "new")
    assert refused.value.reference == "output-not-empty"
    assert tree(tmp_path) == before


def test_force_replaces_the_former_output_as_a_whole(tmp_path: Path) -> None:
    write_output(tmp_path / "out", "former")
    (tmp_path / "out" / "left-behind.txt").write_text("of the former run")
    write_output(tmp_path / "out", "new", force=True)
    assert sorted(tree(tmp_path)) == ["out", f"out/{MANIFEST}", "out/plan.json"]
    assert (tmp_path / "out" / "plan.json").read_text() == "new"


MANIFESTS = {
    "no manifest": None,
    "a web manifest": '{"name": "app"}',
    "a list": "[]",
    "no JSON": "format: unsplit-output",
    "not text": b"\xff\xfe",
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_force_never_deletes_what_is_not_ours(tmp_path: Path, manifest: str | bytes | None) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years")
    if manifest is not None:
        (out / MANIFEST).write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    before = tree(tmp_path)
    with pytest.raises(UsageError) as refused:
        write_output(out, "new", force=True)
    assert refused.value.reference == "output-not-ours"
    assert tree(tmp_path) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError) as refused:
        write_output(tmp_path / "out", "new", force=True)
    assert refused.value.reference == "output-not-a-folder"


def test_the_current_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out" / "deeper").mkdir(parents=True)
    for here in (tmp_path / "out", tmp_path / "out" / "deeper"):
        monkeypatch.chdir(here)
        with pytest.raises(UsageError) as refused:
            write_output(tmp_path / "out", "new")
        assert refused.value.reference == "output-is-current-folder"


def test_a_place_that_cannot_be_written_is_a_usage_error(open_folder: Path) -> None:
    (open_folder / "shut").mkdir(mode=0o555)
    with without_privileges(), pytest.raises(UsageError) as refused:
        write_output(open_folder / "shut" / "out", "new")
    assert refused.value.reference == "output-not-writable"


def test_a_parent_that_is_a_file_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as refused:
        write_output(tmp_path / "file" / "out", "new")
    assert refused.value.reference == "output-not-writable"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("has_former", [False, True], ids=["new", "replacing"])
def test_a_failed_run_changes_nothing(tmp_path: Path, error: type[BaseException], has_former: bool) -> None:
    if has_former:
        write_output(tmp_path / "out", "former")
    before = tree(tmp_path)
    with pytest.raises(error), OutputFolder(tmp_path / "out", force=True) as folder, folder.text("plan.json") as text:
        text.write("half")
        raise error
    assert tree(tmp_path) == before


def test_a_failed_rename_puts_the_former_output_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_output(tmp_path / "out", "former")
    before = tree(tmp_path)
    rename = Path.rename

    def fails_for_the_new(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new)
    with pytest.raises(OSError, match="no"):
        write_output(tmp_path / "out", "new", force=True)
    assert tree(tmp_path) == before


def test_what_was_put_there_during_the_run_is_not_lost(tmp_path: Path) -> None:
    with pytest.raises(UsageError), OutputFolder(tmp_path / "out") as folder:
        with folder.text("plan.json") as text:
            text.write("x")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.txt").write_text("years")
    assert sorted(tree(tmp_path)) == ["out", "out/thesis.txt"]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/../../x", "/etc/passwd", "C:/x", "a\\b", "a/.."])
def test_names_stay_inside(tmp_path: Path, name: str) -> None:
    with OutputFolder(tmp_path / "out") as folder, pytest.raises(ValueError, match="not a name inside"), folder.text(name):
        pass
    assert sorted(tree(tmp_path)) == ["out"]


def test_a_name_is_written_once(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as folder:
        with folder.text("x"):
            pass
        with pytest.raises(ValueError, match="written twice: x"), folder.binary("x"):
            pass


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_output(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "plan.json").read_text() == "x"


RUN_UNTIL_KILLED = """
    import sys, time
    from pathlib import Path
    from migrate.folder import OutputFolder
    with OutputFolder(Path(sys.argv[1]), force=True) as folder, folder.text("plan.json") as text:
        text.write("half")
        print("ready", flush=True)
        time.sleep(30)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    write_output(tmp_path / "out", "former")
    before = tree(tmp_path)
    command = [sys.executable, "-c", textwrap.dedent(RUN_UNTIL_KILLED), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        status = process.wait(timeout=20)
    assert status in (128 + number, -number)
    assert tree(tmp_path) == before


def test_handlers_of_signals_are_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with OutputFolder(tmp_path / "out"):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(UsageError), OutputFolder(Path.cwd()):
        pass
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_manifest_is_the_same_for_the_same_run_and_marks_the_folder(tmp_path: Path) -> None:
    run: dict[str, Any] = {
        "inputs": {"b.xml": "22", "a.xml": "11"},
        "options": {"mode": "LoadBalance", "force": False},
        "version": "0.1.0",
        "as_of_s": 1_795_197_600,
        "dry_run": "holds",
    }
    text = manifest_json(outputs={"plan.json": "33", "leases.csv": "44"}, **run)
    assert text == manifest_json(outputs={"leases.csv": "44", "plan.json": "33"}, **run)
    assert json.loads(text) == {
        "format": "unsplit-output",
        "version": 1,
        "unsplit_version": "0.1.0",
        "as_of": "2026-11-20T18:00:00Z",
        "dry_run": "holds",
        "redacted": False,
        "options": {"force": False, "mode": "LoadBalance"},
        "inputs": [{"path": "b.xml", "sha256": "22"}, {"path": "a.xml", "sha256": "11"}],
        "outputs": [{"path": "leases.csv", "sha256": "44"}, {"path": "plan.json", "sha256": "33"}],
    }
    assert not is_output(tmp_path)
    (tmp_path / MANIFEST).write_text(text)
    assert is_output(tmp_path)
    assert not is_redacted(tmp_path)
    (tmp_path / MANIFEST).write_text(manifest_json(outputs={}, redacted=True, **run))
    assert is_redacted(tmp_path)
