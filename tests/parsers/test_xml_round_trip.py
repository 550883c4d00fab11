"""Any server written as an export reads back as itself, whatever the order of its elements."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.export_xml_writer import write_export_xml
from writers.servers import leases_of, servers, without_places

from migrate.model.server import ObjectKind, Server
from parsers.export_xml import parse_export_xml
from parsers.result import ParseResult, ReadOptions

ORDERS = st.none() | st.integers(0, 1000)
each_example_overwrites_the_file = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def read(export: Path) -> ParseResult:
    return parse_export_xml(export, ReadOptions(), name="dhcp01")


@each_example_overwrites_the_file
@given(st.data(), ORDERS)
def test_a_server_and_its_leases_read_back(tmp_path: Path, data: st.DataObject, order_seed: int | None) -> None:
    export = tmp_path / "dhcp01.xml"
    server = data.draw(servers())
    leases = data.draw(leases_of(server))
    write_export_xml(server, leases, export, order_seed=order_seed)
    parsed = read(export)
    assert parsed.server == server
    assert without_places(parsed.leases) == without_places(leases)
    assert parsed.findings == ()
    assert parsed.not_carried == ()


@each_example_overwrites_the_file
@given(servers(), ORDERS)
def test_every_object_is_counted(tmp_path: Path, server: Server, order_seed: int | None) -> None:
    export = tmp_path / "dhcp01.xml"
    write_export_xml(server, None, export, order_seed=order_seed)
    parsed = read(export)
    assert not parsed.has_leases
    scopes, counts = server.scopes, parsed.objects_read
    levels = [server.option_values, *(scope.option_values for scope in scopes)]
    policies = [*(server.policies or ()), *(policy for scope in scopes for policy in scope.policies or ())]
    reservations = [reservation for scope in scopes for reservation in scope.reservations]
    levels += [each.option_values for each in (*policies, *reservations)]
    assert server.filters is not None
    assert {kind: counts.get(kind, 0) for kind in ObjectKind if kind not in (ObjectKind.SERVER_SETTING, ObjectKind.SUPERSCOPE)} == {
        ObjectKind.CLASS: len(server.classes),
        ObjectKind.OPTION_DEFINITION: len(server.option_definitions),
        ObjectKind.OPTION_VALUE: sum(map(len, levels)),
        ObjectKind.POLICY: len(policies),
        ObjectKind.FILTER: len(server.filters.entries),
        ObjectKind.SCOPE: len(scopes),
        ObjectKind.EXCLUSION_RANGE: sum(len(scope.exclusions) for scope in scopes),
        ObjectKind.RESERVATION: len(reservations),
        ObjectKind.LEASE: 0,
        ObjectKind.IPV6: 0,
        ObjectKind.MULTICAST: 0,
        ObjectKind.UNKNOWN: 0,
    }


@each_example_overwrites_the_file
@given(servers(), st.integers(0, 1000))
def test_the_order_of_elements_does_not_matter(tmp_path: Path, server: Server, order_seed: int) -> None:
    export = tmp_path / "dhcp01.xml"
    write_export_xml(server, None, export)
    in_order = read(export)
    write_export_xml(server, None, export, order_seed=order_seed)
    shuffled = read(export)
    assert shuffled.server == in_order.server
    assert shuffled.objects_read == in_order.objects_read
    assert shuffled.findings == in_order.findings
