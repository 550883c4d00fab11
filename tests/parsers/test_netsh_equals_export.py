"""A netsh dump and an XML export of one server give equal models, for all that a dump can say."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from writers.export_xml_writer import write_export_xml
from writers.netsh_writer import as_dump_can_say, netsh_dump
from writers.servers import servers

from migrate.model.server import ObjectKind, Server
from parsers.export_xml import parse_export_xml
from parsers.netsh import parse_netsh_dump
from parsers.result import ReadOptions

COUNTED_ALIKE = (
    ObjectKind.CLASS,
    ObjectKind.OPTION_DEFINITION,
    ObjectKind.FILTER,
    ObjectKind.SUPERSCOPE,
    ObjectKind.SCOPE,
    ObjectKind.EXCLUSION_RANGE,
    ObjectKind.RESERVATION,
)


def write_both(server: Server, folder: Path) -> tuple[Path, Path]:
    (folder / "dump.txt").write_bytes(netsh_dump(server).encode())
    write_export_xml(server, None, folder / "export.xml")
    return folder / "dump.txt", folder / "export.xml"


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(server=servers())
def test_both_forms_give_the_same_server(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    dump, export = write_both(server, tmp_path_factory.mktemp("both"))
    from_dump = parse_netsh_dump(dump, ReadOptions())
    from_export = parse_export_xml(export, ReadOptions(), name=server.name)
    assert from_dump.server == as_dump_can_say(from_export.server)
    for kind in COUNTED_ALIKE:
        assert from_dump.objects_read.get(kind, 0) == from_export.objects_read.get(kind, 0), kind
