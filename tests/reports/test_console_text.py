"""What is printed: the issue's table, findings in their one shape, the verdict and the next command."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from report_samples import merge_result, report, sample_findings
from rich.console import Console

from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from reports.counts import counts_by_kind
from reports.text import plain_console, render_text, write_counts, write_findings, write_text
from reports.verdict import Verdict

WHOLE = """\
              read  kept  joined  dissolved  dropped  conflicts
Scopes           6     -       6          -        -          1
Reservations     2     2       -          -        -          -
Leases          12    10       -          -        2          2

Leases are judged at 2026-11-20T18:00:00Z.

block: overlapping-pools
  Scope 10.1.0.0: both servers hand out 10.1.0.101 - 10.1.0.110; 3 leases of two clients stand there.
  at    primary.xml:412, secondary.xml:88
  hint  Decide in decisions.toml, or align the exclusions and export again.

error: lease-conflict
  10.1.0.12 is leased to two clients; Print server has the later expiry.
  at    primary.xml:412, secondary.xml:88
  hint  The later expiry wins unless you decide otherwise.

warning: option-values-differ
  Option 6 is 10.1.0.2 on the primary and 10.1.0.3 on the secondary.
  at    primary.xml:412, secondary.xml:88
  hint  The primary's value is the default.

info: guessed-encoding, scope-on-both 3 (--verbose shows them)

Not ready: 1 blocking finding and 1 open decision.
Dry run: not run.
Fill in each empty choice in plan/decisions.toml, then run again.
  unsplit migrate primary.xml secondary.xml --out plan --decisions plan/decisions.toml --force
"""


def finding(number: int, severity: Severity = Severity.WARNING, **changes: object) -> Finding:
    made = Finding(
        rule="lease-outside-pool", severity=severity, object=str(number), message=f"Lease {number}.", remedy="Look.",
        scope_id=IPv4Address("10.0.0.0"),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def printed(findings: list[Finding], *, verbose: bool = False) -> str:
    stream = io.StringIO()
    write_findings(plain_console(stream), findings, verbose=verbose)
    return stream.getvalue()


def test_a_whole_report_as_it_is_piped() -> None:
    made = report()
    text = render_text(made.result, made.findings, made.verdict, made.run)
    assert "\n".join(line.rstrip() for line in text.split("\n")) == WHOLE


def test_verbose_shows_every_info_in_full() -> None:
    text = printed(list(sample_findings()), verbose=True)
    assert text.count("info: scope-on-both\n") == 3
    assert "--verbose" not in text


@pytest.mark.parametrize(
    ("count", "shown", "more"),
    [
        (3, 3, None),
        (4, 3, "warning: lease-outside-pool: 1 more like these"),
        (1203, 3, "warning: lease-outside-pool: 1,200 more like these"),
    ],
)
def test_many_findings_of_a_rule_are_not_a_wall(count: int, shown: int, more: str | None) -> None:
    text = printed([finding(number) for number in range(count)])
    assert text.count("  hint  Look.\n") == shown
    assert (more in text) if more else ("more like" not in text)
    assert printed([finding(number) for number in range(count)], verbose=True).count("hint") == count


def test_findings_come_worst_first_whatever_their_order() -> None:
    text = printed([finding(n, severity) for n, severity in enumerate(Severity)])
    words = [line.split(":")[0] for line in text.splitlines() if line and not line.startswith(" ")]
    assert words == ["block", "error", "warning", "info"]


def test_places_are_capped() -> None:
    places = tuple(Origin("dump.txt", line) for line in range(1, 8))
    assert "  at    dump.txt:1, dump.txt:2, dump.txt:3, dump.txt:4 and 3 other places\n" in printed([finding(1, places=places)])


def test_a_finding_without_place_or_remedy_has_no_empty_lines() -> None:
    assert printed([finding(1, remedy="")]) == "warning: lease-outside-pool\n  Lease 1.\n\n"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x1b]0;title\x07", "\r", "[red]bold[/red]", ":boom:", "\u202e", "\x9b31m", "a\nb"])
def test_names_cannot_steer_the_terminal(hostile: str) -> None:
    text = printed([finding(1, message=f"Name {hostile} here.", remedy=hostile)])
    unseen = {c for c in text if unicodedata.category(c) in ("Cc", "Cf")}
    assert unseen == {"\n"}
    assert text.count("\n") == 4
    if hostile.isprintable():
        assert hostile in text


def test_colour_only_where_it_is_wanted() -> None:
    made = report()
    stream = io.StringIO()
    terminal = Console(file=stream, width=100, force_terminal=True, color_system="standard", legacy_windows=False)
    write_text(terminal, made.result, made.findings, made.verdict, made.run)
    assert "\x1b[" in stream.getvalue()
    assert "\x1b[" not in render_text(made.result, made.findings, made.verdict, made.run)


@pytest.mark.parametrize("width", [60, 80, 132])
def test_lines_fit_the_window_but_for_the_command(width: int) -> None:
    made = report()
    stream = io.StringIO()
    write_text(Console(file=stream, width=width, color_system=None), made.result, made.findings, made.verdict, made.run)
    too_long = [line for line in stream.getvalue().splitlines() if len(line.rstrip()) > width]
    assert all(line.startswith("  unsplit migrate") for line in too_long)
    for number in ("6", "12", "10"):
        assert number in stream.getvalue()
    assert "conflicts" in stream.getvalue().splitlines()[0], "no heading is cut"


def test_numbers_are_aligned_on_the_right() -> None:
    stream = io.StringIO()
    write_counts(plain_console(stream), counts_by_kind(merge_result(lease_count=1234)))
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    assert len({len(line) for line in lines}) == 1
    assert lines[-1].split()[:3] == ["Leases", "2,468", "2,466"]


def test_a_ready_migration_says_what_comes_next() -> None:
    made = report(is_pair=False)
    text = render_text(made.result, (), Verdict.of((), made.result.decisions), made.run)
    assert "Ready: nothing stands in the way of this migration.\nDry run: not run.\nReview plan/audit.xlsx" in text


def test_importing_it_is_cheap() -> None:
    script = "import sys, reports.text; print(sorted({'openpyxl', 'pandas', 'lxml', 'jinja2'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
