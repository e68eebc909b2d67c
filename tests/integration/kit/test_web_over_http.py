"""The edge behind the server that ships, asked with bytes that no decent client would send."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from seatwright.kit import limits
from seatwright.run.serving import _server
from tests.unit.kit.shop import Till, open_shop

ANSWER_S = 10


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(ANSWER_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").strip().split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(first.split()[1]), headers, body


@pytest.fixture
async def shop() -> AsyncIterator[tuple[int, Till]]:
    application, till = open_shop()
    server = _server(application, 0, "127.0.0.1")
    running = asyncio.ensure_future(server.serve())
    async with asyncio.timeout(ANSWER_S):
        while not server.started:
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1], till
    server.should_exit = True
    await running


@pytest.fixture
async def wire(shop) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop[0])
    yield Wire(reader, writer)
    writer.close()


def request(path: str, *headers: str, method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: t", "Content-Type: application/json", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunk(raw: bytes) -> bytes:
    return f"{len(raw):x}\r\n".encode() + raw + b"\r\n"


async def test_a_good_request_is_answered_and_the_connection_kept(wire, shop):
    body = b'{"quantity":2}'
    for _ in range(2):
        await wire.send(request("/v1/wishes", f"Content-Length: {len(body)}") + body)
        status, headers, answer = await wire.answer()
        assert (status, json.loads(answer)["quantity"]) == (201, 2)
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
    assert len(shop[1].taken) == 2


async def test_a_chunked_body_is_counted_although_it_states_no_length(wire):
    await wire.send(request("/v1/bodies", "Transfer-Encoding: chunked"))
    piece = chunk(b"x" * 65536)
    for _ in range(limits.BODY_BYTES_MAX // 65536):
        await wire.send(piece)
    await wire.send(chunk(b"x"))
    status, _, body = await wire.answer()
    assert (status, json.loads(body)["code"]) == (413, "too_large")
    # What is left of the body is thrown away, and never taken for another request.
    await wire.send(chunk(request("/v1/wishes", "Content-Length: 0")) + b"0\r\n\r\n")
    await wire.send(request("/v1/things?q=7", method="GET"))
    status, _, body = await wire.answer()
    assert (status, json.loads(body)["q"]) == (200, 7)


async def test_a_chunked_body_within_the_limit_is_taken(wire):
    await wire.send(request("/v1/bodies", "Transfer-Encoding: chunked"))
    await wire.send(chunk(b"x" * 1000) * 3 + b"0\r\n\r\n")
    status, _, body = await wire.answer()
    assert (status, json.loads(body)) == (201, {"bytes": 3000})


async def test_a_stated_length_beyond_the_limit_is_refused(wire):
    size = limits.BODY_BYTES_MAX + 1
    await wire.send(request("/v1/bodies", f"Content-Length: {size}") + b"x" * size)
    status, _, _ = await wire.answer()
    assert status == 413


async def test_a_body_that_stops_short_disturbs_nobody(wire, shop):
    await wire.send(request("/v1/wishes", "Content-Length: 100") + b'{"quantity":')
    wire.writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", shop[0])
    other = Wire(reader, writer)
    await other.send(request("/v1/things", method="GET"))
    assert (await other.answer())[0] == 200
    writer.close()
    assert shop[1].taken == []


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: t\r\nX: a\r\n\x00: b\r\n\r\n",
        b"POST /v1/bodies HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/bodies HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        request("/v1/bodies", "Transfer-Encoding: chunked", "Content-Length: 3") + b"0\r\n\r\n",
        b"POST /v1/bodies HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: t\r\n\r\n",
    ],
    ids=["nul", "negative", "two-lengths", "length-and-chunked", "no-hex", "tls", "long"],
)
async def test_what_is_ambiguous_or_no_http_is_refused_and_the_connection_ended(wire, shop, raw):
    # Two readings of one request are how requests are smuggled past a gateway.
    await wire.send(raw)
    async with asyncio.timeout(ANSWER_S):
        heard = await wire.reader.read(200)
    assert heard == b"" or heard.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert not heard.startswith(b"HTTP/1.1 2")
    reader, writer = await asyncio.open_connection("127.0.0.1", shop[0])
    other = Wire(reader, writer)
    await other.send(request("/v1/things", method="GET"))
    assert (await other.answer())[0] == 200
    writer.close()


@pytest.mark.parametrize(
    "query", ["limit=1&limit=2", "limit=1&limit=1", "x=&q=1&x=", "li%6Dit=1&limit=2"]
)
async def test_a_parameter_that_is_said_twice_reaches_no_handler(wire, query):
    await wire.send(request(f"/v1/things?{query}", method="GET"))
    status, headers, answer = await wire.answer()
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert json.loads(answer)["errors"][0]["code"] == "repeated"


@pytest.mark.parametrize("limit", ["null", "", "1.5", "many", "0", "101", "[1]"])
async def test_a_page_has_a_whole_number_of_items(wire, limit):
    await wire.send(request(f"/v1/things?limit={limit}", method="GET"))
    assert (await wire.answer())[0] == 422
    await wire.send(request("/v1/things?limit=7&q=1", method="GET"))
    status, _, answer = await wire.answer()
    assert (status, json.loads(answer)) == (200, {"q": 1, "limit": 7})


@pytest.mark.parametrize("path", ["/v1/wishes?a=%00", "/v1/wishes/%00", "/v1/%00?a=%00b"])
async def test_an_address_with_a_nul_reaches_no_handler(wire, shop, path):
    await wire.send(request(path, method="GET"))
    status, headers, answer = await wire.answer()
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert json.loads(answer)["errors"][0]["code"] == "nul_character"
    assert "x-request-id" in headers
    await wire.send(request("/v1/wishes", "Content-Length: 14") + b'{"quantity":2}')
    assert (await wire.answer())[0] == 201
