"""Our own parser reads the import file back as the target: the same server, the same leases, and nothing to complain about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.servers import leases_of, without_places
from writers.targets import targets

from migrate.emit.windows_xml import write_primary_xml, write_secondary_xml
from migrate.model.scope import Scope
from migrate.model.server import Server
from migrate.model.target import Target
from parsers.export_xml import parse_export_xml
from parsers.result import ReadOptions

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def as_importable(server: Server) -> Server:
    """The server as Windows of its version can be told: NAP is gone from 2016 on."""
    if server.version is None or server.version >= (10, 0):
        settings = tuple(replace(each, value="false") if each.name == "NapEnabled" else each for each in server.settings)
        server = replace(
            server,
            settings=settings,
            scopes=tuple(replace(scope, nap_enable=False, nap_profile=None) for scope in server.scopes),
        )
    return without_empty_names(server)


def without_empty_names(server: Server) -> Server:
    """In an export, an empty element and none mean the same (formats.md 1.1)."""
    return replace(server, scopes=tuple(_without_empty_names(scope) for scope in server.scopes))


def _without_empty_names(scope: Scope) -> Scope:
    return replace(scope, superscope=scope.superscope or None, nap_profile=scope.nap_profile or None)


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_the_primary_file_is_the_target(tmp_path: Path, data: st.DataObject) -> None:
    target = data.draw(targets())
    leases = data.draw(leases_of(target.server))
    leases = leases.take(np.lexsort((leases.address, leases.scope_id)))
    path = tmp_path / "primary.xml"
    with path.open("wb") as stream:
        write_primary_xml(target, leases, stream)
    read = parse_export_xml(path, ReadOptions(), name=target.server.name)
    assert read.findings == ()
    assert read.not_carried == ()
    assert without_empty_names(read.server) == as_importable(target.server)
    assert without_places(read.leases) == without_places(leases)


@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
@given(targets())
def test_the_secondary_file_is_the_server_level(tmp_path: Path, target: Target) -> None:
    path = tmp_path / "secondary.xml"
    with path.open("wb") as stream:
        write_secondary_xml(target, stream)
    read = parse_export_xml(path, ReadOptions(), name=target.server.name)
    assert read.findings == ()
    assert read.server == replace(as_importable(target.server), scopes=())
