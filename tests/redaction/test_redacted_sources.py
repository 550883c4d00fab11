"""Redacted sources lead to the same conclusions: the same fates, decisions and findings, about the same addresses."""

from __future__ import annotations

import runpy
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.checks import check_all
from migrate.checks.subject import Subject
from migrate.load import SourceRequest, load_source
from migrate.merge.result import MergeResult
from migrate.merge.settings import Settings
from migrate.merge.target import merge
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseState, LeaseTable
from migrate.model.origin import Origin
from migrate.model.server import Role, Source
from migrate.redaction.leases import redacted_leases
from migrate.redaction.pseudonyms import Pseudonyms
from migrate.redaction.sources import redact
from parsers.result import ReadOptions

SAMPLES = Path(__file__).parents[2] / "samples"
generator = SimpleNamespace(**runpy.run_path(str(SAMPLES / "generate.py")))
AS_OF_S = 1_795_197_600
STORIES = {
    "split-80-20": ("dhcp01.xml", "dhcp02.xml"),
    "range-split-50-50": None,
    "netsh-pair": ("hq-dhcp1.txt", "hq-dhcp2.txt"),
    "cluster": ("dhcp-cluster.xml",),
}


def load(story: str) -> dict[Role, Source]:
    folder = SAMPLES / story / "source"
    names = STORIES[story] or tuple(sorted(path.name for path in folder.iterdir()))
    requests = [
        SourceRequest(path=folder / name, lease_paths=tuple(folder.glob(f"{Path(name).stem}-clients.txt")), name=Path(name).stem)
        for name in names
    ]
    return {role: load_source(request, ReadOptions()) for role, request in zip(Role, requests, strict=False)}


def merged(sources: Mapping[Role, Source]) -> MergeResult:
    names = [source.server.name for source in sources.values()] + ["partner"]
    wanted = Settings(as_of_s=AS_OF_S, primary_server=names[0], secondary_server=names[1])
    return merge(sources[Role.PRIMARY], sources.get(Role.SECONDARY), wanted)


def conclusions(result: MergeResult) -> dict[str, object]:
    findings = check_all(Subject(merged=result))
    return {
        "fates": result.ledger.totals(),
        "decisions": Counter((d.rule, d.scope_id, d.default, tuple(d.alternatives)) for d in result.decisions),
        "findings": Counter((f.rule, f.severity, f.scope_id, tuple(place.line for place in f.places)) for f in findings),
        "pools": [(s.scope_id, s.served, s.overlap, s.target and s.target.serves) for s in result.scopes],
        "addresses": result.leases.table.address.tolist(),
        "conflicts": Counter((c.kind, c.scope_id, c.loser_source, c.loser) for c in result.lease_conflicts),
    }


@pytest.mark.parametrize("story", STORIES)
def test_a_redacted_pair_leads_to_the_same_conclusions(story: str) -> None:
    sources = load(story)
    redacted = redact(sources).sources
    assert conclusions(merged(redacted)) == conclusions(merged(sources))


@pytest.mark.parametrize("form", ["xml", "netsh"])
def test_every_kind_of_conflict_survives(form: str, tmp_path: Path) -> None:
    options = generator.GenerateOptions(scopes=60, leases=2000, rates=dict.fromkeys(generator.DEFAULT_RATES, 0.2))
    generator.write(generator.generate(options), tmp_path, form)
    suffix = "xml" if form == "xml" else "netsh.txt"
    requests = {role: SourceRequest(path=tmp_path / f"{role}.{suffix}", name=f"dhcp-{role}") for role in Role}
    sources = {role: load_source(request, ReadOptions()) for role, request in requests.items()}
    expected = conclusions(merged(sources))
    assert len({rule for rule, *_ in expected["decisions"]}) > 12  # type: ignore[attr-defined]
    assert conclusions(merged(redact(sources).sources)) == expected


@pytest.mark.parametrize("story", STORIES)
def test_no_object_is_lost_and_no_file_is_named(story: str) -> None:
    sources = load(story)
    made = redact(sources)
    for role, source in sources.items():
        redacted = made.sources[role]
        assert redacted.objects_read == source.objects_read
        assert len(redacted.not_carried) == len(source.not_carried)
        assert [finding.rule for finding in redacted.findings] == [finding.rule for finding in source.findings]
        assert redacted.server.scopes and [s.scope_id for s in redacted.server.scopes] == [s.scope_id for s in source.server.scopes]
        assert {origin.path for origin in origins(redacted)} <= set(made.paths.values())
        assert len(list(origins(redacted))) == len(list(origins(source)))


def origins(record: object) -> list[Origin]:
    """Every place that a record, or a record inside it, says it was read at."""
    if isinstance(record, Origin):
        return [record]
    if isinstance(record, tuple | list):
        return [origin for each in record for origin in origins(each)]
    if is_dataclass(record) and not isinstance(record, LeaseTable):
        return [origin for each in fields(record) for origin in origins(getattr(record, each.name))]
    return []


def test_redacting_twice_gives_the_same() -> None:
    sources = load("split-80-20")
    first, second = redact(sources), redact(sources)
    assert first.sources[Role.PRIMARY].server == second.sources[Role.PRIMARY].server
    rows = [list(made.sources[Role.PRIMARY].leases.rows()) for made in (first, second)]
    assert rows[0] == rows[1]


def test_what_every_windows_server_calls_the_same_stays() -> None:
    sources = load("split-80-20")
    classes = [each.name for each in redact(sources).sources[Role.PRIMARY].server.classes]
    definitions = [each.name for each in redact(sources).sources[Role.PRIMARY].server.option_definitions]
    assert "Microsoft Windows 2000 Options" in classes
    assert "Router" in definitions
    assert any(name.startswith("name-") for name in classes)


texts = st.text(max_size=6)
leases = st.builds(
    Lease,
    ip_address=st.ip_addresses(v=4),
    scope_id=st.ip_addresses(v=4),
    client_id=st.builds(ClientId, st.binary(max_size=8)),
    state=st.sampled_from(LeaseState),
    expiry_s=st.integers(0, 1 << 33),
    host_name=texts,
    description=texts,
    policy_name=texts,
    dns_rr=st.sampled_from(["", "A", "PTR", "Mallory"]),
    nap_status=st.sampled_from(["", "FullAccess", "Mallory"]),
    line=st.integers(0, 99),
    path=st.sampled_from(["/home/mallory/a.csv", "/home/mallory/b.csv"]),
)


@settings(max_examples=50)
@given(st.lists(leases, max_size=20))
def test_lease_columns_are_redacted_row_by_row(rows: list[Lease]) -> None:
    """Against the plain way: each row by itself."""
    paths = {"/home/mallory/a.csv": "primary-leases-1.csv", "/home/mallory/b.csv": "primary-leases-2.csv"}
    pseudonyms = Pseudonyms(b"key")
    made = list(redacted_leases(LeaseTable.of_rows(rows), pseudonyms, paths).rows())
    assert len(made) == len(rows)
    for before, after in zip(rows, made, strict=True):
        assert (after.ip_address, after.scope_id, after.state, after.expiry_s, after.line) == (
            before.ip_address,
            before.scope_id,
            before.state,
            before.expiry_s,
            before.line,
        )
        assert after.client_id.octets == pseudonyms.octets(before.client_id.octets)
        assert after.host_name == pseudonyms.name(before.host_name)
        assert after.description == pseudonyms.text(before.description)
        assert after.policy_name == pseudonyms.name(before.policy_name)
        assert after.path == paths[before.path]
        assert "allory" not in after.dns_rr + after.nap_status
        assert after.dns_rr == before.dns_rr or before.dns_rr == "Mallory"
