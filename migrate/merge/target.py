"""Runs the parts of the merge in order and puts the target together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv4Address

from migrate.merge.book import LedgerBook
from migrate.merge.context import MergeContext
from migrate.merge.docket import Docket
from migrate.merge.leases import merge_leases
from migrate.merge.options import enter_server_options, merge_server_options
from migrate.merge.policies import merge_policies
from migrate.merge.relationships import relationships
from migrate.merge.result import MergeResult, ScopeMerge
from migrate.merge.scopes import MergedScope, PairedScope, merge_scope, pair_scopes
from migrate.merge.server_level import merge_classes, merge_definitions, merge_filters, merge_settings
from migrate.merge.settings import Settings
from migrate.model.ledger import Disposition
from migrate.model.scope import Scope
from migrate.model.server import ObjectKind, Role, Server, Source
from migrate.model.target import Target, TargetSource


def merge(primary: Source, secondary: Source | None, settings: Settings) -> MergeResult:
    """One failover configuration out of one or two servers.

    Raises UsageError for answers that do not fit these inputs, ConservationError when an object is unaccounted for.
    """
    sources = {Role.PRIMARY: primary} | ({Role.SECONDARY: secondary} if secondary else {})
    context = MergeContext(settings=settings, sources=sources, docket=Docket(settings), book=LedgerBook())
    for role, source in sources.items():
        context.book.enter_not_carried(role, source)
    server_options = merge_server_options(context)
    paired = pair_scopes(context)
    merged = {scope.scope_id: merge_scope(context, scope, server_options) for scope in paired if not scope.left_out}
    enter_server_options(context, server_options, Counter(taken for scope in merged.values() for taken in scope.pushed_down))
    for scope in paired:
        for role, copy in scope.copies.items() if scope.left_out else ():
            context.book.drop_scope(role, copy, f"not migrated: {scope.left_out}")
    targets = tuple(scope.target for scope in merged.values())
    _enter_superscopes(context, targets)
    server = Server(
        name=settings.primary_server,
        version=primary.server.version,
        settings=merge_settings(context),
        classes=merge_classes(context),
        option_definitions=merge_definitions(context),
        option_values=server_options.values,
        policies=merge_policies(context, {role: source.server.policies for role, source in sources.items()}),
        filters=merge_filters(context),
        scopes=targets,
    )
    outcome = merge_leases(context, targets, _copies(paired, sources), _overlap_winners(merged))
    return MergeResult(
        settings=settings,
        sources=sources,
        target=Target(
            as_of_s=settings.as_of_s,
            strategy=settings.strategy,
            sources=tuple(_target_source(role, context.name(role), source) for role, source in sources.items()),
            relationships=relationships(settings, tuple(scope.scope_id for scope in targets)),
            server=server,
            leased=outcome.leased,
        ),
        leases=outcome.leases,
        ledger=context.book.close(sources, outcome.fates),
        decisions=context.docket.close(),
        scopes=tuple(_scope_merge(scope, merged.get(scope.scope_id)) for scope in paired),
        exclusion_proofs=tuple(proof for scope in merged.values() for proof in scope.pool.proofs),
        lease_conflicts=outcome.conflicts,
    )


def _copies(paired: tuple[PairedScope, ...], sources: Mapping[Role, Source]) -> Mapping[Role, tuple[Scope, ...]]:
    return {role: tuple(scope.copies[role] for scope in paired if role in scope.copies) for role in sources}


def _overlap_winners(merged: Mapping[IPv4Address, MergedScope]) -> dict[IPv4Address, Role]:
    return {scope_id: scope.pool.overlap_winner for scope_id, scope in merged.items() if scope.pool.overlap_winner}


def _scope_merge(paired: PairedScope, merged: MergedScope | None) -> ScopeMerge:
    return ScopeMerge(
        scope_id=paired.scope_id,
        primary=paired.copies.get(Role.PRIMARY),
        secondary=paired.copies.get(Role.SECONDARY),
        target=merged.target if merged else None,
        left_out=paired.left_out,
    )


def _target_source(role: Role, server: str, source: Source) -> TargetSource:
    return TargetSource(role=role, server=server, path=source.path, format=source.format, sha256=source.sha256)


def _enter_superscopes(context: MergeContext, targets: tuple[Scope, ...]) -> None:
    """A superscope is nothing but the name its members carry."""
    standing = {scope.superscope for scope in targets if scope.superscope}
    entered: set[str] = set()
    for role, source in context.sources.items():
        for name in sorted({scope.superscope for scope in source.server.scopes if scope.superscope}):
            if name not in standing:
                disposition, reason = Disposition.DROPPED, "no migrated scope is a member"
            elif name in entered:
                disposition, reason = Disposition.JOINED, "equal on both servers"
            else:
                disposition, reason = Disposition.KEPT, "its members name it in the target"
            entered.add(name)
            context.book.enter(role, ObjectKind.SUPERSCOPE, name, disposition, reason)
