"""The other end of a request: its address and its scheme, as far as our own proxies saw them."""

import functools
import ipaddress
from typing import Any

from litestar import Request

from seatwright.kit.web.app import offered
from seatwright.kit.web.proxies import Proxies, plain

# One household has a /64; its single addresses are as good as endless.
_IPV6_PREFIX = 64
_REMEMBERED = 4096


def address(request: Request[Any, Any, Any]) -> str:
    """
    Where the request came from: an IPv4 address, or an IPv6 network of one household.

    Each proxy appends whom it heard. Read from the end, the first that is no proxy of ours is
    the client; what stands before it is the client's own claim.
    """
    proxies = offered(request, Proxies)
    peer = request.client.host if request.client else ""
    if not _trusted(proxies, peer):
        return _normal(peer)
    farthest = peer
    for hop in reversed(",".join(request.headers.getall("x-forwarded-for", [])).split(",")):
        if not hop.strip():
            break
        farthest = hop.strip()
        if not _trusted(proxies, farthest):
            break
    return _normal(farthest)


def scheme(request: Request[Any, Any, Any]) -> str:
    """`http` or `https`: how the client reached the first of our proxies, or us."""
    peer = request.client.host if request.client else ""
    if _trusted(offered(request, Proxies), peer):
        said: str | None = request.headers.get("x-forwarded-proto")
        if said:
            return said.split(",")[-1].strip().lower()
    return request.url.scheme


@functools.lru_cache(maxsize=_REMEMBERED)
def _trusted(proxies: Proxies, hop: str) -> bool:
    return proxies.trust(hop)


@functools.lru_cache(maxsize=_REMEMBERED)
def _normal(text: str) -> str:
    try:
        found = plain(text)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network((found.packed, _IPV6_PREFIX), strict=False))
