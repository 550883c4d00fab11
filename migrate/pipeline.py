"""From files to an answer: load, merge, check, and write. Plain functions; the commands only choose among them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from migrate import __version__
from migrate.checks import RuleOutcome, check_all, outcomes
from migrate.checks.subject import Subject
from migrate.checks.waivers import Waiver, apply_waivers
from migrate.decisions_file import decisions_toml
from migrate.emit import EMITTERS
from migrate.emit.leases_csv import write_leases_csv
from migrate.folder import OutputFolder, manifest_json
from migrate.load import LISTINGS, SourceRequest, described, load_source, parse_listing, sha256_of
from migrate.merge.as_of import stated_as_of
from migrate.merge.result import MergeResult
from migrate.merge.settings import Settings
from migrate.merge.target import merge
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role, Source
from migrate.plan import plan_json
from migrate.rehearsal import Rehearsal, quick_rehearsal, rehearsal_data
from parsers.recognise import recognise
from parsers.result import ReadOptions
from reports.inspection import Inspection
from reports.verdict import DryRunState, RunRecord, Verdict

Progress = Callable[[str], None]
"""Told the name of each stage as it begins."""


def no_progress(stage: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A merge and what is to be said about it, parser findings included."""

    result: MergeResult
    findings: tuple[Finding, ...]
    verdict: Verdict
    run: RunRecord
    rehearsal: Rehearsal | None = None
    """The dry run, where there was one."""
    outcomes: tuple[RuleOutcome, ...] = ()
    """What came of every rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    folder: Path
    force: bool = False
    reports_only: bool = False
    """True: an audit, which never writes what could be applied."""
    targets: tuple[str, ...] = ("windows",)
    workbook_leases: int = 100_000
    recorded: Mapping[str, object] = field(default_factory=dict)
    """Options for the manifest."""


def load(requests: Mapping[Role, SourceRequest], options: ReadOptions, progress: Progress = no_progress) -> dict[Role, Source]:
    sources = {}
    for role, request in requests.items():
        progress(f"reading {request.path}")
        sources[role] = load_source(request, options)
    return sources


def inspect_file(path: Path, options: ReadOptions) -> Inspection:
    """One file by itself: a configuration or a lease listing."""
    kind = recognise(path, options)
    if kind in LISTINGS:
        listing = parse_listing(path, options)
        return Inspection(
            path=str(path),
            kind=described(kind),
            sha256=sha256_of(path),
            leases=listing.leases,
            not_carried=listing.not_carried,
            findings=listing.findings,
        )
    source = load_source(SourceRequest(path=path), options)
    return Inspection(
        path=str(path),
        kind=described(kind),
        sha256=source.sha256,
        leases=source.leases,
        server=source.server,
        objects_read=source.objects_read,
        not_carried=source.not_carried,
        findings=source.findings,
    )


def as_of(sources: Mapping[Role, Source], asked: int | None) -> int:
    """The instant at which leases are judged: as asked, else the newest that the inputs state, else now."""
    if asked is not None:
        return asked
    stated = stated_as_of(sources.values())
    return int(time.time()) if stated is None else stated


def judge(
    sources: Mapping[Role, Source],
    settings: Settings,
    run: RunRecord,
    fail_on: Severity | None,
    progress: Progress = no_progress,
    waivers: Sequence[Waiver] = (),
) -> Judged:
    progress("merging")
    result = merge(sources[Role.PRIMARY], sources.get(Role.SECONDARY), settings)
    progress("checking")
    findings = [finding for source in sources.values() for finding in source.findings]
    subject = Subject(merged=result)
    findings += check_all(subject)
    findings = sorted(apply_waivers(findings, waivers, settings.as_of_s), key=lambda finding: finding.sort_key)
    verdict = Verdict.of(findings, result.decisions, fail_on, left_out=_left_out(result))
    return Judged(result=result, findings=tuple(findings), verdict=verdict, run=run, outcomes=outcomes(subject, findings))


def rehearse(judged: Judged, progress: Progress = no_progress) -> Judged:
    """With the dry run that the plan must survive before anything is emitted; a plan that is not ready is not played."""
    if not judged.verdict.is_ready:
        return judged
    progress("dry run")
    rehearsal = quick_rehearsal(judged.result, lambda stage: progress(f"dry run: {stage}"))
    state = DryRunState(rehearsal.run.outcome.value)
    verdict = replace(judged.verdict, dry_run=state, dry_run_scopes=rehearsal.extent)
    return replace(judged, verdict=verdict, rehearsal=rehearsal)


def skip_rehearsal(judged: Judged) -> Judged:
    return replace(judged, verdict=replace(judged.verdict, dry_run=DryRunState.SKIPPED))


def _left_out(result: MergeResult) -> int:
    return sum(bool(scope.left_out) and not result.settings.leaves_out(scope.scope_id) for scope in result.scopes)


def write(judged: Judged, output: OutputOptions, progress: Progress = no_progress) -> None:
    """Every file of design.md section 4. When the answer is no, only what informs: nothing that could be applied."""
    from reports.excel import write_workbook
    from reports.html import Page, write_page
    from reports.ledger_csv import write_ledger_csv
    from reports.machine import findings_json, json_text
    from reports.tables import tables

    result = judged.result
    with OutputFolder(output.folder, force=output.force) as folder:
        progress("writing reports")
        with folder.text("findings.json") as text:
            text.write(findings_json(judged.findings))
        with folder.text("decisions.toml") as text:
            text.write(decisions_toml(result.decisions))
        with folder.text("ledger.csv") as text:
            write_ledger_csv(result, text)
        if judged.rehearsal:
            with folder.text("dry-run.json") as text:
                text.write(json_text(rehearsal_data(judged.rehearsal)))
        if judged.verdict.is_ready and not output.reports_only:
            progress("writing the target configuration")
            _write_target(result, output, folder)
        content = tables(
            result,
            judged.findings,
            judged.verdict,
            judged.run,
            output.workbook_leases,
            judged.outcomes,
            judged.rehearsal.run if judged.rehearsal else None,
        )
        progress("writing the workbook")
        with folder.binary("audit.xlsx") as stream:
            write_workbook(content, stream, as_of_s=result.settings.as_of_s)
        progress("writing the page")
        with folder.text("report.html") as text:
            write_page(Page.of(result, judged.findings, content), text)
        with folder.text("manifest.json") as text:
            text.write(_manifest(judged, output, folder))


def _write_target(result: MergeResult, output: OutputOptions, folder: OutputFolder) -> None:
    with folder.text("plan.json") as text:
        text.write(plan_json(result.target))
    with folder.text("leases.csv") as text:
        write_leases_csv(result.leases.table, result.leases.source_words, result.leases.reserved, text)
    for name in output.targets:
        EMITTERS[name](result.target, result.leases.table, result.sources, folder)


def _manifest(judged: Judged, output: OutputOptions, folder: OutputFolder) -> str:
    inputs = {file.path: file.sha256 for file in judged.run.inputs}
    return manifest_json(
        inputs=inputs,
        outputs=folder.digests(),
        options=output.recorded,
        version=__version__,
        as_of_s=judged.result.settings.as_of_s,
        dry_run=judged.verdict.dry_run.value,
        redacted=judged.run.redacted,
    )
