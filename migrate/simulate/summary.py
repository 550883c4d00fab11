"""A dry run on one page of text: the verdict, a line a drill, the change step by step, and one victim of whatever broke."""

from __future__ import annotations

from collections.abc import Iterator

from migrate.model.server import Role
from migrate.simulate.dry_run import DryRun, Outcome, RelationshipRun
from migrate.simulate.play import DrillOutcome
from migrate.simulate.runbook import StepOutcome
from migrate.simulate.transcript import duration, elapsed

VERDICTS = {
    Outcome.HOLDS: "holds: in every drill and in the change itself every invariant held",
    Outcome.BROKEN: "BROKEN: see below what breaks, and for whom",
    Outcome.NOTHING_PLAYED: "nothing played: the plan has no scope that could be",
}
MAX_VICTIM_LINES = 40


def summary(result: DryRun) -> Iterator[str]:
    """Lines without line ends."""
    yield f"Dry run: {VERDICTS[result.outcome]} ({sum(result.checked.values()):,} judgements, seed {result.seed})"
    for run in result.relationships:
        yield from _relationship(run)


def _relationship(run: RelationshipRun) -> Iterator[str]:
    yield ""
    yield f"Relationship {run.relationship}, {run.mode}"
    yield from (f"  {line}" for line in _played(run))
    yield ""
    yield f"  {'drill':<24} {'':<7} {'by primary':>10} {'by second.':>10} {'waited':>7} {'longest':>14} {'lost':>5}"
    for drill in run.drills:
        yield "  " + _drill(drill)
    if run.runbook is not None:
        yield ""
        yield f"  {'the change':<24} {'at':>11} {'served':>7} {'waiting':>8} {'longest':>14} {'unknown*':>9} {'rollback**':>11}"
        yield from (f"  {_step(step)}" for step in run.runbook.steps)
        yield "  *  leases the secondary does not have    ** leases that a rollback at this point would forget"
    for wrong in run.wrong_orders:
        caught = wrong.outcome.broken.get("one-client-an-address", 0)
        yield f"  wrong order, {wrong.name}: {f'{caught} duplicates' if caught else 'no duplicate in this estate'}"
    for drill in run.drills:
        if drill.tolerated:
            yield f"  risk, {drill.drill}: {sum(drill.broken.values())} times broken; it takes this: {drill.why}"
    yield from (f"  advice: {sentence}" for sentence in run.advice)
    yield from _victims(run)


def _played(run: RelationshipRun) -> Iterator[str]:
    played = [account for account in run.samples if not account.left_out]
    leases, all_leases = sum(account.leases_played for account in played), sum(account.leases for account in run.samples)
    yield f"{len(played)} of {len(run.samples)} scopes and {leases:,} of {all_leases:,} leases are played"
    if any(account.free_played < account.free for account in played):
        yield "pools in miniature run dry sooner than they are: how long the whole ones last is told by their endurance"
    reasons: dict[str, int] = {}
    for account in run.samples:
        if account.left_out:
            reasons[account.left_out] = reasons.get(account.left_out, 0) + 1
    yield from (f"{count} not played: {reason}" for reason, count in reasons.items())
    if outside := sum(account.outside for account in run.samples):
        yield f"{outside} leases lie outside their pools and are not played: their clients have to take another address"
    if unspeakable := sum(account.unspeakable for account in run.samples):
        yield f"{unspeakable} leases are not played: their client identifiers are longer than a DHCP option can be"


def _drill(drill: DrillOutcome) -> str:
    word = "BROKEN" if drill.is_fault else "risk" if drill.tolerated else "holds"
    primary = sum(scope.served_by_primary for scope in drill.scopes)
    secondary = sum(scope.served_by_secondary for scope in drill.scopes)
    waited = sum(scope.waited for scope in drill.scopes)
    longest = duration(max((scope.longest_wait_s for scope in drill.scopes), default=0))
    lost = sum(scope.addresses_lost for scope in drill.scopes)
    return f"{drill.drill:<24} {word:<7} {primary:>10,} {secondary:>10,} {waited:>7,} {longest:>14} {lost:>5,}"


def _step(step: StepOutcome) -> str:
    served, waits = sum(step.served.values()), duration(step.longest_wait_s)
    unknown = step.unknown_to[Role.SECONDARY]
    at = elapsed(step.starts_s)
    return f"{step.name:<24} {at:>11} {served:>7,} {step.waiting:>8,} {waits:>14} {unknown:>9,} {step.lost_by_rollback:>11,}"


def _victims(run: RelationshipRun) -> Iterator[str]:
    for drill in run.drills:
        if drill.is_fault and (example := drill.counterexample) is not None:
            yield ""
            yield f"  {drill.drill} breaks {example.invariant}: {example.message}"
            yield from (f"    {line}" for line in example.transcript[-MAX_VICTIM_LINES:])
    if run.runbook is not None and run.runbook.is_fault:
        yield ""
        yield f"  the change breaks {', '.join(run.runbook.broken)}"
        yield from (f"    {line}" for line in run.runbook.victim[-MAX_VICTIM_LINES:])
