"""
A webhook's way to an address that somebody else chose.

The name is looked up here, once; every address that it has must be one that the whole Internet
reaches, and the request goes to one of these very addresses, whatever the name says a moment later.
No redirect is followed, no proxy of the environment is used, and little of the answer is read. So
nobody makes this machine knock at doors inside its own network.
"""

import asyncio
import socket
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp

from seatwright.delivery.domain.webhooks import Attempt, permitted, url_problem

LOOK_UP_DEADLINE = timedelta(seconds=5)
# The standard asks receivers to answer within fifteen seconds, and to work afterwards.
DEADLINE = timedelta(seconds=15)
CONNECTIONS_MAX = 32
_ANSWER_BYTES_MAX = 2048
_REASON_CHARS_MAX = 200
_PORTS = {"http": 80, "https": 443}


class _Refused(Exception):  # noqa: N818  # an outcome, not a fault
    """The request was not sent; the text says why."""


class Courier:
    """Posts to addresses of organisations; `private` lets it into this network, for development."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Attempt:
        """Send it; whatever goes wrong is the answer."""
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                return await self._post(url, content, headers)
        except _Refused as refusal:
            return Attempt(status=None, reason=str(refusal))
        except TimeoutError:
            return Attempt(status=None, reason="no answer in time")
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            return Attempt(status=None, reason=_said(fault))

    async def close(self) -> None:
        """End every connection."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Attempt:
        if wrong := url_problem(url, private=self._private):
            raise _Refused(f"not {wrong}")
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        address = await self._address(host, port)
        shown = f"[{address}]" if ":" in address else address
        pinned = parts._replace(netloc=f"{shown}:{port}").geturl()
        async with self._open().post(
            pinned,
            data=content,
            headers={**headers, "host": parts.netloc},
            server_hostname=host if parts.scheme == "https" else None,
            allow_redirects=False,
        ) as answer:
            # Read a little, so that short answers end in order; nothing of it is kept.
            await answer.content.read(_ANSWER_BYTES_MAX)
            good = answer.status in range(200, 300)
            return Attempt(
                status=answer.status, reason=None if good else f"answered {answer.status}"
            )

    async def _address(self, host: str, port: int) -> str:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_UP_DEADLINE.total_seconds()):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError):
            raise _Refused("its name has no address") from None
        addresses = [str(one[4][0]) for one in found]
        if not addresses:
            raise _Refused("its name has no address")
        if not self._private and not all(permitted(address) for address in addresses):
            raise _Refused("its address is not one that the whole Internet reaches")
        return addresses[0]

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                max_line_size=_ANSWER_BYTES_MAX * 4,
            )
        return self._session


def _said(fault: Exception) -> str:
    # The kind says what a receiver's owner needs; texts may name addresses inside.
    return f"not reached: {type(fault).__name__}"[:_REASON_CHARS_MAX]
