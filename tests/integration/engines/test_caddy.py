"""The gateway as browsers and services meet it: a real Caddy before real processes' sockets."""

import asyncio
import contextlib
import gzip
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import nats
import pytest
from aiohttp import web

from seatwright.kit.limits import UPLOAD_BYTES_MAX
from seatwright.run.engines import Addresses, Lifeline
from seatwright.run.engines.accounts import scratch_root
from seatwright.run.engines.caddy import Caddy, lan_names
from seatwright.run.engines.caddyfile import render
from seatwright.run.engines.embedded import folder
from seatwright.run.engines.gateway import Gateway, Route, Spa
from seatwright.run.engines.ports import free_port
from seatwright.run.engines.readiness import answers
from seatwright.run.pages import SHOP
from tests.integration.engines.production import production

CHART = "ab" * 16
# Nothing that a gateway would make by itself of what lies beside it.
PACKED = gzip.compress(b'{"format": "seatwright-chart/1", "packed": true}')
ROOT = Path(__file__).parents[3]


@dataclass
class Upstream:
    """A service as the gateway sees it: notes what arrives, answers or hangs up."""

    port: int
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, request.path, dict(request.headers)))
        if request.path.endswith("/hang-up") and request.transport is not None:
            request.transport.abort()
        size = len(await request.read())
        return web.json_response({"size": size, "path": request.path}, headers={"Server": "secret"})


@pytest.fixture(scope="module")
async def upstream() -> AsyncIterator[Upstream]:
    service = Upstream(free_port())
    application = web.Application(client_max_size=2**30)
    application.router.add_route("*", "/{path:.*}", service.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", service.port).start()
    yield service
    await runner.cleanup()


@pytest.fixture(scope="module")
def dead_port() -> Iterator[int]:
    """Bound but not listening: refuses every connection, and nobody else can take it."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site with space")
    (root / "web/_app/immutable").mkdir(parents=True)
    (root / "web/200.html").write_text("<title>shop</title>")
    (root / "web/200.html.gz").write_bytes(gzip.compress(b"<title>shop</title>"))
    (root / "web/robots.txt").write_text("robots")
    (root / "web/portal").mkdir()
    (root / "web/portal/index.html").write_text("<title>portal</title>")
    (root / "web/_app/immutable/a.1234.js").write_text("1")
    (root / "secret.json").write_text("hidden")
    (root / "charts").mkdir()
    (root / "charts" / f"{CHART}.json").write_text('{"format": "seatwright-chart/1"}')
    (root / "charts" / f"{CHART}.json.gz").write_bytes(PACKED)
    return root


@pytest.fixture(scope="module")
async def gateway(
    engines: Addresses, upstream: Upstream, dead_port: int, site: Path
) -> AsyncIterator[str]:
    alive, dead = f"127.0.0.1:{upstream.port}", f"127.0.0.1:{dead_port}"
    wanted = Gateway(
        routes=[
            Route(name="orders", paths=["/v1/orders", "/v1/orders/*"], upstreams=[dead, alive]),
            Route(name="entry", paths=["/v1/check-ins"], upstreams=[dead]),
            Route(name="catalog", paths=["/v1/events/*", "/v1/charts/*"], upstreams=[alive]),
        ],
        feed=engines.feed,
        web=site / "web",
        charts=site / "charts",
        port=free_port(),
        pages=(
            Spa(prefix="/", file="/200.html", pages=("/", "/events/{slug}", "/a/log-in")),
            Spa(prefix="/portal", file="/portal/index.html"),
        ),
    )
    data = folder(site / "data")
    lifeline = await Lifeline.open(data, scratch_root=scratch_root(None))
    caddy = Caddy(
        gateway=wanted, folder=data / "caddy", scratch=lifeline.scratch, log=data / "logs/caddy.log"
    )
    await lifeline.run(caddy.command())
    assert await answers(caddy, lifeline.end_of("caddy"))
    yield f"http://127.0.0.1:{wanted.port}"
    await lifeline.close()


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def test_every_answer_is_guarded_and_nobody_says_what_runs_here(
    gateway: str, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/v1/orders", "/v1/nothing", "/v1/check-ins", f"/v1/charts/{CHART}"):
        async with http.get(gateway + path) as answer:
            assert answer.headers.getall("X-Content-Type-Options") == ["nosniff"], path
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Server" not in answer.headers
            assert "Via" not in answer.headers


async def test_forged_addresses_do_not_reach_a_service(
    gateway: str, http: aiohttp.ClientSession, upstream: Upstream
) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
    }
    async with http.get(f"{gateway}/v1/events/forged", headers=forged) as answer:
        assert answer.status == 200
    headers = next(h for _, path, h in upstream.seen if path == "/v1/events/forged")
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert "6.6.6.6" not in str(headers)
    assert "evil" not in str(headers)


async def said_to(gateway: str, *pieces: bytes) -> bytes:
    """
    All that comes back on one connection until it is closed, whatever happens to the sending.

    A plain socket: asyncio's streams throw away an answer that came before a failed write.
    """

    def talk() -> bytes:
        said = b""
        address = ("127.0.0.1", int(gateway.rpartition(":")[2]))
        with socket.create_connection(address, timeout=20) as connection:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            with contextlib.suppress(ConnectionError):
                while more := connection.recv(65536):
                    said += more
        return said

    return await asyncio.to_thread(talk)


HEAD = b"POST /v1/orders HTTP/1.1\r\nHost: a\r\n"


async def test_a_large_body_is_refused_in_words(gateway: str, http: aiohttp.ClientSession) -> None:
    announced = (HEAD + b"Content-Length: 10000000\r\n\r\n", *([b"x" * 100_000] * 100))
    chunks = [b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 40
    unannounced = (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *chunks, b"0\r\n\r\n")
    for request in (announced, unannounced):
        head, _, body = (await said_to(gateway, *request)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 413 ")
        assert b"application/problem+json" in head
        assert json.loads(body)["code"] == "too_large"
    async with http.post(f"{gateway}/v1/orders", data=b"x" * 1_000_000) as answer:
        assert (await answer.json())["size"] == 1_000_000


async def test_the_rest_of_a_refused_body_is_not_taken_for_a_request(
    gateway: str, upstream: Upstream
) -> None:
    smuggled = b"GET /v1/events/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    said = await said_to(
        gateway,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"200000\r\n" + b"x" * 1_048_577 + smuggled * 20_000,
    )
    assert said.count(b"HTTP/1.1 ") == 1
    assert not [path for _, path, _ in upstream.seen if path.endswith("/smuggled")]


async def test_a_service_that_is_away_says_so(gateway: str, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{gateway}/v1/check-ins", json={}) as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.content_type == "application/problem+json"
        told = await answer.json(content_type=None)
    assert (told["code"], told["status"]) == ("unavailable", 503)


async def test_a_refused_connection_goes_to_the_next_process_for_any_method(
    gateway: str, http: aiohttp.ClientSession
) -> None:
    for _ in range(6):
        async with http.post(f"{gateway}/v1/orders", json={}) as answer:
            assert answer.status == 200


async def test_a_write_that_was_lost_is_not_sent_twice(
    gateway: str, http: aiohttp.ClientSession, upstream: Upstream
) -> None:
    async with http.post(f"{gateway}/v1/orders/hang-up", json={}) as answer:
        assert answer.status == 503
        assert (await answer.json(content_type=None))["code"] == "outcome_unknown"
    assert [p for _, p, _ in upstream.seen].count("/v1/orders/hang-up") == 1


async def test_the_web_build_is_served_precompressed_and_cached_by_its_nature(
    gateway: str, http: aiohttp.ClientSession
) -> None:
    async with http.get(gateway, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert gzip.decompress(await answer.read()) == b"<title>shop</title>"
    async with http.get(f"{gateway}/_app/immutable/a.1234.js") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    pages = {"/events/x": "shop", "/portal/venues/1": "portal", "/portal": "portal"}
    for path, title in pages.items():
        async with http.get(gateway + path, headers={"Accept-Encoding": "identity"}) as answer:
            assert (answer.status, title in await answer.text()) == (200, True), path
    async with http.get(f"{gateway}/_app/immutable/gone.js") as answer:
        assert answer.status == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")
    async with http.post(gateway) as answer:
        assert answer.status == 405


async def test_an_address_that_no_page_has_is_answered_with_the_app_and_404(
    gateway: str, http: aiohttp.ClientSession
) -> None:
    known = ("/", "/?q=a", "/events/x", "/events/x/", "/a/log-in", "/portal/any/thing")
    strange = ("/nope/x", "/nope", "/events", "/events/", "/events/x/y", "/a", "/a/log-in/x")
    for status, paths in ((200, known), (404, strange)):
        for path in paths:
            for accepted in ("identity", "gzip"):
                headers = {"Accept-Encoding": accepted}
                async with http.get(gateway + path, headers=headers) as answer:
                    body = await answer.read()
                    assert (answer.status, answer.content_type) == (status, "text/html"), path
                    assert answer.headers["Cache-Control"] == "no-cache"
                    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
                if accepted == "gzip" and "portal" not in path:
                    body = gzip.decompress(body)
                assert body.startswith(b"<title>"), path
    async with http.get(f"{gateway}/robots.txt") as answer:
        assert (answer.status, await answer.text()) == (200, "robots")
    async with http.head(f"{gateway}/nope/x") as answer:
        assert answer.status == 404


def test_the_gateway_knows_every_page_of_the_shop() -> None:
    routes = ROOT / "web" / "shop" / "src" / "routes"
    folders = (page.parent.relative_to(routes) for page in routes.glob("**/+page.svelte"))
    addresses = {
        "/" + str(one).replace("[", "{").replace("]", "}").removeprefix(".") for one in folders
    }
    assert set(SHOP.pages) == addresses


async def test_charts_come_from_their_folder_for_ever_or_from_the_catalogue(
    gateway: str, http: aiohttp.ClientSession
) -> None:
    plain = {"Accept-Encoding": "identity"}
    async with http.get(f"{gateway}/v1/charts/{CHART}", headers=plain) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert (await answer.json())["format"] == "seatwright-chart/1"
    # What lies packed beside it is sent as it is: nothing is compressed for a buyer.
    for accepted, coding in (("gzip, deflate, br, zstd", "gzip"), ("br", None)):
        headers = {"Accept-Encoding": accepted}
        async with http.get(f"{gateway}/v1/charts/{CHART}", headers=headers) as answer:
            assert answer.headers.get("Content-Encoding") == coding
            assert answer.headers["Content-Type"] == "application/json"
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert (await answer.read() == PACKED) is (coding is not None)
    async with http.get(f"{gateway}/v1/charts/{'cd' * 16}") as answer:
        assert (await answer.json())["path"] == f"/v1/charts/{'cd' * 16}"
    async with http.get(f"{gateway}/v1/charts/..%2Fsecret") as answer:
        assert "hidden" not in await answer.text()


async def test_an_unknown_api_address_is_a_problem_and_not_a_page(
    gateway: str, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{gateway}/v1/nothing") as answer:
        assert answer.status == 404
        assert (await answer.json(content_type=None))["code"] == "not_found"


async def test_the_feed_reaches_pages_of_this_host_only(
    gateway: str, http: aiohttp.ClientSession, engines: Addresses
) -> None:
    feed = gateway.replace("http", "ws") + "/feed"
    async with http.get(
        f"{gateway}/feed", headers={"Origin": "http://evil.example", "Upgrade": "websocket"}
    ) as answer:
        assert answer.status == 403
    publisher = await nats.connect(engines.nats_url)
    async with http.ws_connect(feed, headers={"Origin": gateway}) as socket_:
        await socket_.send_bytes(b'CONNECT {"verbose":false}\r\nSUB seats.e1 1\r\nPING\r\n')
        async with asyncio.timeout(10):
            while b"PONG" not in (await socket_.receive_bytes()):
                pass
            await publisher.publish("seats.e1", b"hello")
            await publisher.flush()
            heard = b""
            while b"hello" not in heard:
                heard += await socket_.receive_bytes()
    await publisher.close()


async def test_caddy_accepts_what_is_written_for_the_lan_and_for_production(
    tmp_path: Path,
) -> None:
    routes = [Route(name="all", paths=["/v1/*"], upstreams=["127.0.0.1:9001"])]
    lan = Gateway(routes=routes, names=lan_names(), lan=True, ca_port=8080, metrics_port=9100)
    public = Gateway(routes=routes, names=["tickets.example.org"], trusted_proxies=["10.0.0.0/8"])
    for wanted in (lan, public):
        caddy = Caddy(
            gateway=wanted, folder=tmp_path / "c", scratch=tmp_path, log=tmp_path / "caddy.log"
        )
        await caddy.validate()
    assert "Strict-Transport-Security" in render(public, storage="/x", admin="off")
    assert "Strict-Transport-Security" not in render(lan, storage="/x", admin="off")


def test_the_file_for_production_is_what_the_table_of_services_makes() -> None:
    assert (ROOT / "deploy" / "caddy" / "Caddyfile").read_text() == production(), (
        "run tests/integration/engines/production.py"
    )


def test_production_lets_charts_through_that_are_as_large_as_the_catalogue_reads() -> None:
    _, _, charts = production().partition("# charts\n")
    assert "/v1/organisations/*/charts/*" in charts.splitlines()[0]
    assert f"max_size {UPLOAD_BYTES_MAX}\n" in charts.partition("reverse_proxy")[0]


async def test_phones_in_the_network_get_https_and_the_certificate_to_trust(
    site: Path, upstream: Upstream
) -> None:
    wanted = Gateway(
        routes=[
            Route(name="all", paths=["/v1/*"], upstreams=[f"127.0.0.1:{upstream.port}"]),
        ],
        names=lan_names(),
        lan=True,
        port=free_port(),
        ca_port=free_port(),
    )
    data = folder(site / "lan")
    lifeline = await Lifeline.open(data, scratch_root=scratch_root(None))
    caddy = Caddy(
        gateway=wanted, folder=data / "caddy", scratch=lifeline.scratch, log=data / "logs/caddy.log"
    )
    try:
        await lifeline.run(caddy.command())
        assert await answers(caddy, lifeline.end_of("caddy"))
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{wanted.ca_port}/") as answer:
                certificate = await answer.text()
            trust = ssl.create_default_context(cadata=certificate)
            for name in ("localhost", "127.0.0.1"):
                url = f"https://{name}:{wanted.port}/v1/events/secure"
                async with session.get(url, ssl=trust) as answer:
                    assert answer.status == 200
            headers = next(h for _, p, h in reversed(upstream.seen) if p == "/v1/events/secure")
            assert headers["X-Forwarded-Proto"] == "https"
            plain = f"http://localhost:{wanted.port}/events/x"
            async with session.get(plain, allow_redirects=False) as answer:
                assert answer.status in {301, 308}
                assert answer.headers["Location"] == f"https://localhost:{wanted.port}/events/x"
    finally:
        await lifeline.close()
