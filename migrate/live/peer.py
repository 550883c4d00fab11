"""An endpoint on TCP: it carries out the effects in their order and calls the endpoint when bytes, time or somebody's wish say so.

Both ends listen and dial, as dhcpd does, and speak over the first connection that comes about. Everything happens on one event
loop, so the endpoint is never entered twice. What the messages mean is the endpoint's business.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from migrate.failover.codec import encode
from migrate.failover.configuration import Configuration
from migrate.failover.effects import Dial, Effect, HangUp, Send, Store, Submission
from migrate.failover.endpoint import Endpoint
from migrate.failover.errors import ProtocolError
from migrate.failover.framing import MessageReader
from migrate.failover.messages import Message
from migrate.live.journal import Journal
from migrate.model.server import Role

SECONDARY_DIALS_LATER_S = 0.5
"""Two calls at the same instant would each be closed by the other side as the second one; so the primary's goes first."""


class SocketAddress(NamedTuple):
    host: str
    port: int


class Received(NamedTuple):
    message: Message


class Connected(NamedTuple):
    dialled: bool


class Disconnected(NamedTuple):
    """A connection could not be made, was turned away, or broke."""

    reason: str


Observed = Effect | Received | Connected | Disconnected


class Peer:
    def __init__(
        self,
        configuration: Configuration,
        journal: Journal,
        local: SocketAddress,
        partner: SocketAddress,
        observe: Callable[[Observed], None],
    ) -> None:
        self.endpoint = Endpoint(configuration, journal.storage)
        self._profile = configuration.dialect.profile
        self._dial_delay_s = 0 if configuration.role is Role.PRIMARY else SECONDARY_DIALS_LATER_S
        self._journal = journal
        self._local = local
        self._partner = partner
        self._observe = observe
        self._connection: _Connection | None = None
        self._is_cut = False
        self._dialling: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`. Raises OSError when the local address cannot be listened on."""
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: _Connection(self, dialled=False), *self._local):
            self._carry_out(self.endpoint.start(_now()))
            await self._stopped.wait()
            self._close()
            if self._dialling:
                self._dialling.cancel()
            if self._alarm:
                self._alarm.cancel()

    def stop(self) -> None:
        self._stopped.set()

    def submit(self, request: Submission) -> tuple[Effect, ...]:
        return self._carry_out(self.endpoint.submit(request, _now()))

    def cut(self) -> None:
        """Close the connection and have none until `heal`."""
        self._is_cut = True
        if self._connection:
            self._lose("cut")

    def heal(self) -> None:
        self._is_cut = False

    # Effects

    def _carry_out(self, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
        for effect in effects:
            match effect:
                case Store():
                    self._journal.append(effect)
                case Send(message) if self._connection:
                    self._connection.send(message)
                case Dial() if not self._is_cut:
                    self._dial()
                case HangUp():
                    self._close()
            self._observe(effect)
        self._set_alarm()
        return effects

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        deadline = self.endpoint.deadline()
        if deadline is not None:
            self._alarm = asyncio.get_running_loop().call_later(max(deadline - time.time(), 0), self._on_alarm)

    def _on_alarm(self) -> None:
        self._carry_out(self.endpoint.timer(_now()))

    def _dial(self) -> None:
        if self._dialling:
            self._dialling.cancel()
        self._dialling = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        await asyncio.sleep(self._dial_delay_s)
        if self._connection:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Connection(self, dialled=True), *self._partner, local_addr=(self._local.host, 0))
        except OSError as error:
            self._observe(Disconnected(f"no connection: {error.strerror or error}"))
            if self._connection is None:
                self._carry_out(self.endpoint.disconnected(_now()))

    # Connections

    def take(self, connection: _Connection, host: str) -> None:
        """A connection has come about; only the partner's, and only one."""
        if self._is_cut or self._connection or host != self._partner.host:
            why = "cut" if self._is_cut else "there is one" if self._connection else "no partner of ours"
            self._observe(Disconnected(f"connection with {host} closed: {why}"))
            connection.close()
            return
        self._connection = connection
        self._observe(Connected(connection.dialled))
        self._carry_out(self.endpoint.connected(_now()))

    def take_message(self, connection: _Connection, message: Message) -> None:
        if connection is self._connection:
            self._observe(Received(message))
            self._carry_out(self.endpoint.receive(message, _now()))

    def take_end(self, connection: _Connection, reason: str) -> None:
        """The connection is gone, or its bytes make no sense."""
        if connection is self._connection:
            self._lose(reason)

    def _lose(self, reason: str) -> None:
        self._observe(Disconnected(reason))
        self._close()
        self._carry_out(self.endpoint.disconnected(_now()))

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def new_reader(self) -> MessageReader:
        return MessageReader(self._profile)

    def octets_of(self, message: Message) -> bytes:
        return encode(message, self._profile)


class _Connection(asyncio.Protocol):
    def __init__(self, peer: Peer, *, dialled: bool) -> None:
        self.dialled = dialled
        self._peer = peer
        self._reader = peer.new_reader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._peer.take(self, transport.get_extra_info("peername")[0])

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (message := self._reader.next_message()) is not None:
                self._peer.take_message(self, message)
        except ProtocolError as error:
            self._peer.take_end(self, f"protocol error: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        self._peer.take_end(self, str(error or "closed by the partner"))

    def send(self, message: Message) -> None:
        assert self._transport is not None
        self._transport.write(self._peer.octets_of(message))

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def _now() -> int:
    return int(time.time())
