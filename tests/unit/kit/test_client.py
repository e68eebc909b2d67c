"""A client's address is what our own proxies saw, and nobody else's word."""

import ipaddress
from typing import Any

import pytest
from litestar import Request, get

from seatwright.kit.web import app, client
from seatwright.kit.web.proxies import Proxies
from tests.unit.kit.asgi import ask

BALANCER = "10.1.0.7"
FAR = Proxies((ipaddress.ip_network("10.1.0.0/24"), ipaddress.ip_network("fd00::/8")))


@get("/v1/where")
async def where(request: Request[Any, Any, Any]) -> list[str]:
    """Where the request came from, and how."""
    return [client.address(request), client.scheme(request)]


async def seen(peer: str, *said: str, proxies: Proxies | None = None) -> str:
    built = (
        app.build([where], [], service="t", version="0")
        if proxies is None
        else app.build([where], [], service="t", version="0", proxies=proxies)
    )
    answer = await ask(
        built, "GET", "/v1/where", peer=peer, headers=[("X-Forwarded-For", one) for one in said]
    )
    return str(answer.json()[0])


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["6.6.6.6"], "203.0.113.9"),  # a claim
        (BALANCER, ["6.6.6.6"], BALANCER),  # nobody said that it is ours
        ("127.0.0.1", ["198.51.100.4"], "198.51.100.4"),
        ("::1", ["198.51.100.4"], "198.51.100.4"),
        ("::ffff:127.0.0.1", ["198.51.100.4"], "198.51.100.4"),
        ("", ["198.51.100.4"], "198.51.100.4"),  # a socket in the file system
        ("127.0.0.1", ["6.6.6.6, 198.51.100.4"], "198.51.100.4"),  # only the last hop was seen
        ("127.0.0.1", ["6.6.6.6", "198.51.100.4"], "198.51.100.4"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [" , "], "127.0.0.1"),
        ("127.0.0.1", ["<script>"], "unknown"),
        ("2001:db8:1:2:3::4", [], "2001:db8:1:2::/64"),  # a household, not one of its devices
        ("127.0.0.1", ["[2001:db8:1:2:9::9]"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["198.51.100.4:5678"], "198.51.100.4"),  # with the client's port
        ("127.0.0.1", ["[2001:db8:1:2:9::9]:5678"], "2001:db8:1:2::/64"),
    ],
)
async def test_only_this_machines_proxy_is_believed(peer, said, found):
    assert await seen(peer, *said) == found


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        (BALANCER, ["198.51.100.4"], "198.51.100.4"),
        (BALANCER, ["6.6.6.6, 198.51.100.4"], "198.51.100.4"),
        # The gateway is on this machine, the load balancer before it on another.
        ("127.0.0.1", [f"6.6.6.6, 198.51.100.4, {BALANCER}"], "198.51.100.4"),
        ("fd00::7", [f"198.51.100.4, {BALANCER}"], "198.51.100.4"),
        # Somebody inside, who speaks for nobody.
        (BALANCER, [BALANCER], BALANCER),
        ("10.2.0.1", ["198.51.100.4"], "10.2.0.1"),
    ],
)
async def test_proxies_on_other_machines_are_believed_when_they_are_named(peer, said, found):
    assert await seen(peer, *said, proxies=FAR) == found


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        (BALANCER, "https", "https"),
        ("203.0.113.9", "https", "http"),
    ],
)
async def test_the_scheme_is_believed_from_the_same(peer, said, scheme):
    built = app.build([where], [], service="t", version="0", proxies=FAR)
    headers = [("X-Forwarded-Proto", said)]
    answer = await ask(built, "GET", "/v1/where", peer=peer, headers=headers)
    assert answer.json()[1] == scheme
