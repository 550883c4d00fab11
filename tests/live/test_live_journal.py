"""The journal of a live partner: what was stored is found again, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.failover.bindings import Binding, Client
from migrate.failover.codes import BindingState, ServerState
from migrate.failover.effects import ServerRecord, Store
from migrate.live.journal import Journal, json_of_store, store_of_json

INSTANTS = st.integers(0, 0xFFFFFFFF)
CLIENTS = st.builds(Client, st.binary(min_size=1, max_size=17), st.none() | st.binary(max_size=40))
BINDINGS = st.builds(
    Binding,
    st.integers(0, 0xFFFFFFFF),
    st.sampled_from(BindingState),
    st.none() | CLIENTS,
    *(INSTANTS,) * 6,
    st.booleans(),
)
SERVERS = st.builds(ServerRecord, st.sampled_from(ServerState), INSTANTS, st.none() | st.sampled_from(ServerState))
STORES = st.builds(Store, BINDINGS | SERVERS, INSTANTS)


@given(STORES)
def test_what_is_written_is_read(store: Store) -> None:
    assert store_of_json(json_of_store(store)) == store


@given(st.lists(st.lists(STORES, max_size=6), max_size=4))
def test_a_restart_finds_the_last_record_of_each(lives: list[list[Store]]) -> None:
    """Against plain dictionaries; each life appends to what the ones before it left."""
    bindings: dict[int, Binding] = {}
    server: ServerRecord | None = None
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal")
        for stores in lives:
            journal = Journal(path)
            assert (journal.storage.bindings, journal.storage.server) == (bindings, server)
            for store in stores:
                journal.append(store)
                if isinstance(store.record, Binding):
                    bindings[store.record.address] = store.record
                else:
                    server = store.record
        found = Journal(path).storage
    assert (found.bindings, found.server) == (bindings, server)
    last = [store.at_s for stores in lives for store in stores][-1:]
    assert found.last_operation_s == (last[0] if last else None)


def test_nothing_is_kept_without_a_file(tmp_path: Path) -> None:
    journal = Journal(None)
    journal.append(Store(ServerRecord(ServerState.NORMAL, 1), 2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"at_s": 1}',
        '{"at_s": 1, "server": {"state": "GONE", "since_s": 1, "previous": null}}',
        '{"at_s": 1, "binding": {"address": "10.0.0.1", "state": "ACTIVE", "client": null, "colour": 1}}',
        '{"at_s": 1, "binding": {"address": "10.0.0.256", "state": "ACTIVE", "client": null}}',
        '{"at_s": 1, "binding": {"address": "10.0.0.1", "state": "ACTIVE", "client": {"hardware": "0x", "identifier": null}}}',
    ],
)
def test_a_file_that_is_no_journal_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "journal"
    path.write_text(line + "\n")
    with pytest.raises(ValueError, match=r"."):
        Journal(path)
