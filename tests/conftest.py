"""Shared fixtures: the command run for real, and `--rewrite` for what is generated."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import Run, Unsplit
from hypothesis import HealthCheck, settings

from migrate.cli import run

settings.register_profile("unsplit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unsplit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="Renew expected files and generated parts of the README.")


@pytest.fixture
def unsplit(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Unsplit:
    """Run the command line with these arguments, as the program does: `unsplit("audit", path).status`. A migration plays no dry
    run, which takes seconds, unless the test asks for it."""

    def call(*arguments: str | Path, dry_run: bool = False) -> Run:
        words = [str(argument) for argument in arguments]
        if words[0] == "migrate" and not dry_run and "--help" not in words:
            words.append("--no-dry-run")
        monkeypatch.setattr("sys.argv", ["unsplit", *words])
        capfd.readouterr()
        status = run(words)
        captured = capfd.readouterr()
        return Run(status, captured.out, captured.err)

    return call


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike `tmp_path`, which is its owner's alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare text with a file, or renew the file when the tests run with --rewrite."""

    def check(path: Path, text: str) -> None:
        if request.config.getoption("--rewrite"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.read_bytes().decode() == text

    return check
