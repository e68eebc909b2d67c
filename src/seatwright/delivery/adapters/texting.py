"""
Text messages through Twilio's Messages resource (`POST …/Accounts/{Sid}/Messages.json`), or none.

Others speak it too, the demo's inbox among them.
"""

import asyncio
import base64
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import aiohttp

from seatwright.delivery.adapters.outcomes import NotSent, SendingInDoubt
from seatwright.kit import telemetry

# Degraded answer: the mail says the same; the message is tried again by the queue.
DEADLINE = timedelta(seconds=10)
_SCHEMES = {"twilio": "https", "twilio+http": "http"}
_VERSION = "2010-04-01"
_CREATED = 201
_ANSWER_CHARS_MAX = 200
_CONNECTIONS_MAX = 8
TEXTS = telemetry.counter("texts_total", "Text messages by what became of them", "outcome")


class NoTexts:
    """An installation without a way out for text messages."""

    on = False

    async def send(self, *, to: str, text: str) -> None:
        """Nothing is ever handed over."""
        raise NotSent(f"SMS_URL is not set; {len(text)} characters to …{to[-2:]} stay here")

    async def close(self) -> None:
        """There is nothing to end."""


class TwilioTexts:
    """`twilio://account:token@host/+sender`."""

    on = True

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        account = unquote(parts.username or "")
        self._address = (
            f"{_SCHEMES[parts.scheme]}://{parts.hostname}{port}/{_VERSION}/Accounts/{account}"
            "/Messages.json"
        )
        login = f"{account}:{unquote(parts.password or '')}".encode()
        self._headers = {"authorization": f"Basic {base64.b64encode(login).decode()}"}
        self._sender = unquote(parts.path.removeprefix("/"))
        self._session: aiohttp.ClientSession | None = None

    async def send(self, *, to: str, text: str) -> None:
        """Hand one message over; raises `NotSent` or `SendingInDoubt`."""
        form = {"To": to, "From": self._sender, "Body": text}
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                answer = self._open().post(
                    self._address, data=form, headers=self._headers, allow_redirects=False
                )
                async with answer as reply:
                    status, said = reply.status, (await reply.text())[:_ANSWER_CHARS_MAX]
        except aiohttp.ClientConnectorError as fault:
            TEXTS.labels("failed").inc()
            raise NotSent(f"the message server does not answer: {fault!r}") from fault
        except (TimeoutError, aiohttp.ClientError, OSError) as fault:
            TEXTS.labels("in_doubt").inc()
            raise SendingInDoubt(f"the message server had it: {fault!r}") from fault
        if status != _CREATED:
            TEXTS.labels("refused").inc()
            raise NotSent(f"the message server refused: {status} {said!r}")
        TEXTS.labels("sent").inc()

    async def close(self) -> None:
        """End every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS_MAX)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False)
        return self._session


def texts(url: str) -> NoTexts | TwilioTexts:
    """The way out at `SMS_URL`; none for an empty one."""
    return TwilioTexts(url) if url else NoTexts()
