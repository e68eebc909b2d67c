"""What a stranger on the live feed can do: hear `seats.<event>`, and nothing else."""

import asyncio
import json
from urllib.parse import urlsplit

import aiohttp
import nats
import nats.errors
import pytest

from seatwright.run.engines import Addresses
from seatwright.run.engines.probe import conversation


async def tell(engines: Addresses, *lines: str, login: dict[str, str] | None = None) -> str:
    """Open the WebSocket, say `lines`, then PING; everything heard until the PONG or the end."""
    heard = ""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://{engines.feed}") as socket,
    ):
        greeting = json.dumps({"verbose": False, **(login or {})})
        text = "".join(f"{line}\r\n" for line in (f"CONNECT {greeting}", *lines, "PING"))
        await socket.send_bytes(text.encode())
        async with asyncio.timeout(10):
            async for message in socket:
                heard += message.data.decode()
                if "PONG" in heard:
                    break
    return heard


@pytest.mark.parametrize("subject", ["seats.e1", "seats.*"])
async def test_one_token_below_seats_may_be_heard(engines: Addresses, subject: str) -> None:
    assert "-ERR" not in await tell(engines, f"SUB {subject} 1")


@pytest.mark.parametrize(
    "subject",
    [">", "*", "seats.e1.x", "*.e1", "rpc.orders", "_INBOX.>", "$SYS.>", "$JS.>"],
)
async def test_nothing_else_may_be_heard(engines: Addresses, subject: str) -> None:
    assert "Permissions Violation for Subscription" in await tell(engines, f"SUB {subject} 1")


@pytest.mark.parametrize("subject", ["seats.e1", "rpc.orders", "$JS.API.INFO", "_INBOX.x"])
async def test_nothing_may_be_said(engines: Addresses, subject: str) -> None:
    assert "Permissions Violation for Publish" in await tell(engines, f"PUB {subject} 0", "")


async def test_what_is_said_there_reaches_nobody(engines: Addresses) -> None:
    ours = await nats.connect(engines.nats_url)
    try:
        listening = await ours.subscribe("seats.e1")
        await tell(engines, "PUB seats.e1 6", "forged")
        with pytest.raises(nats.errors.TimeoutError):
            await listening.next_msg(timeout=0.3)
    finally:
        await ours.close()


async def test_a_wildcard_hears_no_more_than_one_token(engines: Addresses) -> None:
    # The server takes `seats.>` for a name that `seats.*` allows; the import decides what comes.
    ours = await nats.connect(engines.nats_url)
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"ws://{engines.feed}") as socket,
        ):
            await socket.send_bytes(b'CONNECT {"verbose":false}\r\nSUB seats.> 1\r\nPING\r\n')
            heard = ""
            async with asyncio.timeout(10):
                while "PONG" not in heard:
                    heard += (await socket.receive_bytes()).decode()
                await ours.publish("seats.e1.inner", b"not for you")
                await ours.publish("seats.e1", b"for all")
                await ours.flush()
                while "for all" not in heard:
                    heard += (await socket.receive_bytes()).decode()
        assert "not for you" not in heard
    finally:
        await ours.close()


async def test_subscriptions_and_payloads_are_few_and_small(engines: Addresses) -> None:
    many = [f"SUB seats.e{n} {n}" for n in range(1, 6)]
    assert "maximum subscriptions exceeded" in await tell(engines, *many)
    assert "Maximum Payload Violation" in await tell(engines, "PUB seats.e1 2000", "x" * 2000)


async def test_our_password_is_no_use_on_the_feed_nor_the_feed_without_it_inside(
    engines: Addresses,
) -> None:
    inside = urlsplit(engines.nats_url)
    login = {"user": inside.username or "", "pass": inside.password or ""}
    assert "Authorization Violation" in await tell(engines, login=login)
    # By hand: the client library forgets to close a connection that was refused.
    async with conversation(inside.port or 0) as (reader, writer):
        writer.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
        assert b"Authorization Violation" in await reader.read()
