"""The import arrows of the architecture, and what the engine may not touch. CONTRIBUTING.md draws them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for package in ("migrate", "parsers", "reports") for path in (ROOT / package).rglob("*.py"))

ARROWS = {
    "migrate.model": ("migrate.model",),
    "migrate.errors": ("migrate.model",),
    "parsers": ("parsers", "migrate.model", "migrate.errors"),
    "migrate.merge": ("migrate.merge", "migrate.model", "migrate.errors"),
    "migrate.redaction": ("migrate.redaction", "migrate.checks", "migrate.model"),
    "migrate.compare": ("migrate.compare", "migrate.model"),
    "migrate.failover": ("migrate.failover", "migrate.model"),
    "migrate.live": ("migrate.live", "migrate.failover", "migrate.model"),
    "migrate.checks": ("migrate.checks", "migrate.merge", "migrate.model"),
    "migrate.emit": ("migrate.emit", "migrate.model", "migrate.errors"),
    "reports": (
        "reports",
        "migrate.checks",
        "migrate.compare",
        "migrate.merge",
        "migrate.model",
        "migrate.simulate",
        "migrate.errors",
    ),
}
"""Layer -> what it may import of ours. Modules in no layer (pipeline, load, plan, ...) may import all of these, but not the CLI."""

LIBRARIES = {
    "lxml": ("parsers.export_xml",),
    "numpy": (
        "migrate.model.lease",
        "migrate.model.ledger",
        "migrate.model.row_text",
        "migrate.merge",
        "migrate.compare",
        "migrate.checks.lease_columns",
        "migrate.emit",
        "migrate.load",
        "migrate.redaction.leases",
        "parsers",
        "reports",
    ),
    "pandas": ("migrate.model.leases", "migrate.merge.leases", "parsers", "reports"),
    "openpyxl": ("reports",),
    "jinja2": ("migrate.emit", "reports.html"),
    "markupsafe": ("reports.html",),
    "click": ("migrate.cli",),
    "rich": ("reports", "migrate.cli"),
}
ENGINE_MAY_NOT = {"time", "socket", "threading", "asyncio", "os", "random", "secrets", "subprocess"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found.append((node.module or "", node.lineno))
    return found


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    module = module_name(path)
    layer = next((name for name in ARROWS if is_within(module, (name,))), None)
    for imported, line in imports(path):
        where = f"{path.relative_to(ROOT)}:{line} imports {imported}"
        ours = is_within(imported, ("migrate", "parsers", "reports"))
        if ours and layer and imported != "migrate":
            assert is_within(imported, ARROWS[layer]), where
        assert not is_within(imported, ("migrate.cli",)) or is_within(module, ("migrate.cli", "migrate.__main__")), where
        for library, homes in LIBRARIES.items():
            if is_within(imported, (library,)):
                assert module.startswith(homes), where
        if not ours and imported.partition(".")[0] not in sys.stdlib_module_names:
            assert imported.partition(".")[0] in LIBRARIES, f"{where}: a library without a home"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if "failover" in path.parts], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_engine_has_no_clock_no_network_and_no_chance(path: Path) -> None:
    for imported, line in imports(path):
        assert imported.partition(".")[0] not in ENGINE_MAY_NOT, f"{path}:{line} imports {imported}"
    text = path.read_text("utf-8")
    assert "datetime.now" not in text
    assert "utcnow" not in text


def test_the_model_needs_only_the_standard_library() -> None:
    for path in (path for path in SOURCES if "model" in path.parts):
        for imported, line in imports(path):
            allowed = imported.partition(".")[0] in sys.stdlib_module_names or is_within(imported, ("migrate.model",))
            numeric = path.name in ("leases.py", "lease_clients.py", "lease_text.py", "row_text.py", "ledger.py") and is_within(
                imported, ("numpy",)
            )
            assert allowed or numeric, f"{path}:{line} imports {imported}"
