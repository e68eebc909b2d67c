"""Clients' addresses through a real Caddy, behind a load balancer that was named."""

import asyncio
import ipaddress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import uvicorn
from litestar import Request, get

from seatwright.kit.web import app, client
from seatwright.kit.web.proxies import Proxies
from seatwright.run.engines import Lifeline
from seatwright.run.engines.accounts import scratch_root
from seatwright.run.engines.caddy import Caddy
from seatwright.run.engines.embedded import folder
from seatwright.run.engines.gateway import Gateway, Route
from seatwright.run.engines.ports import free_port
from seatwright.run.engines.readiness import answers
from seatwright.run.installation import Installation, Layout

BALANCER = ipaddress.ip_network("127.0.0.0/8")


@get("/v1/where")
async def where(request: Request[Any, Any, Any]) -> str:
    """Where the request came from."""
    return client.address(request)


def test_the_setting_reaches_the_gateway(tmp_path: Path) -> None:
    engines: Any = SimpleNamespace(addresses=SimpleNamespace(feed=""))
    secrets: Any = None
    installed = Installation(Layout(data=tmp_path), engines, secrets, print)
    assert not installed.gateway().trusted_proxies
    installed.environment = {"TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24"}
    assert installed.gateway().trusted_proxies == ["10.0.0.5/32", "10.1.0.0/24"]


async def test_a_client_behind_a_named_balancer_has_an_address_of_its_own(tmp_path: Path) -> None:
    built = app.build([where], [], service="t", version="0", proxies=Proxies((BALANCER,)))
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(built, port=port, proxy_headers=False, lifespan="off", log_config=None)
    )
    serving = asyncio.ensure_future(server.serve())
    wanted = Gateway(
        routes=[Route(name="all", paths=["/v1/*"], upstreams=[f"127.0.0.1:{port}"])],
        port=free_port(),
        trusted_proxies=[str(BALANCER)],
    )
    data = folder(tmp_path / "d")
    lifeline = await Lifeline.open(data, scratch_root=scratch_root(None))
    caddy = Caddy(
        gateway=wanted, folder=data / "caddy", scratch=lifeline.scratch, log=data / "logs/caddy.log"
    )
    try:
        await lifeline.run(caddy.command())
        assert await answers(caddy, lifeline.end_of("caddy"))
        async with aiohttp.ClientSession() as session:
            for said, found in (
                ("198.51.100.4", "198.51.100.4"),
                ("6.6.6.6, 198.51.100.5", "198.51.100.5"),
            ):
                headers = {"X-Forwarded-For": said}
                url = f"http://127.0.0.1:{wanted.port}/v1/where"
                async with session.get(url, headers=headers) as answer:
                    assert await answer.text() == found
    finally:
        await lifeline.close()
        server.should_exit = True
        await serving
