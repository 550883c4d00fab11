"""One server in both forms, export and dump, reads as one model, in all that both can say."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.export_xml_writer import write_export_xml
from writers.netsh_writer import as_dump_can_say, netsh_dump
from writers.servers import servers

from migrate.model.server import ObjectKind, Server
from parsers.export_xml import parse_export_xml
from parsers.netsh import parse_netsh_dump
from parsers.result import ParseResult, ReadOptions

FEWER_IN_A_DUMP = (ObjectKind.OPTION_VALUE, ObjectKind.POLICY, ObjectKind.SERVER_SETTING)
"""It says nothing of policies and their options, and nothing of most settings."""


def counts(parsed: ParseResult) -> dict[ObjectKind, int]:
    return {kind: count for kind, count in parsed.objects_read.items() if kind not in FEWER_IN_A_DUMP}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(servers(), st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-8-sig"]))
def test_both_forms_of_a_server_read_alike(tmp_path: Path, server: Server, encoding: str) -> None:
    export, dump = tmp_path / "dhcp01.xml", tmp_path / "dhcp01.txt"
    write_export_xml(server, None, export)
    dump.write_bytes(netsh_dump(server).encode(encoding))
    from_export = parse_export_xml(export, ReadOptions(), name="dhcp01")
    from_dump = parse_netsh_dump(dump, ReadOptions())
    assert from_dump.server == as_dump_can_say(from_export.server)
    assert counts(from_dump) == counts(from_export)
    assert {finding.rule for finding in from_dump.findings} == {"lossy-dump"}
