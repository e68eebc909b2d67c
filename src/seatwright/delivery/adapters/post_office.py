"""
Mail over SMTP, on connections that are kept.

Whether a mail left is a fact with three values. Anything refused or broken before its last byte
was handed over is certain: `NotSent`, try again freely. After that, until the server's answer
is read, nobody knows: `SendingInDoubt`, and the caller must count.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from seatwright.delivery.adapters.envelopes import Envelope
from seatwright.delivery.adapters.outcomes import NotSent, SendingInDoubt
from seatwright.kit import clock, telemetry

# One mail with its tickets: RFC 5321 would allow minutes, but a queue waits behind us.
STEP_DEADLINE = timedelta(seconds=20)
CONNECT_DEADLINE = timedelta(seconds=5)
CONNECTIONS_MAX = 8
# Servers close what is idle or has carried much; we leave before they do.
IDLE_MAX = timedelta(seconds=20)
MAILS_A_CONNECTION_MAX = 100

# "Service closing": said to a connection that stood idle for too long, or by a server going down.
_CLOSING = 421
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_BROKEN = (SMTPException, OSError, TimeoutError, ValueError)
MAILS = telemetry.counter("mails_total", "Mails by what became of them", "outcome")


@dataclass(slots=True)
class _Line:
    """One connection to the server."""

    smtp: SMTP
    mails: int = 0
    used_at: float = 0.0
    refused: bool = False

    def fresh(self) -> bool:
        idle = clock.monotonic() - self.used_at
        return (
            self.smtp.is_connected
            and self.mails < MAILS_A_CONNECTION_MAX
            and idle < IDLE_MAX.total_seconds()
        )


class PostOffice:
    """The way out to one mail server, `smtp://user:password@host:port` or `smtps`, `+starttls`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.scheme in _PORTS, "settings let only known schemes through"
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._places = asyncio.Semaphore(CONNECTIONS_MAX)
        self._idle: list[_Line] = []

    async def send(self, envelope: Envelope) -> None:
        """Hand one mail over; raises `NotSent` or `SendingInDoubt`."""
        async with self._places:
            line = await self._addressed(envelope)
            await self._content(line, envelope.message)
            line.mails += 1
            line.used_at = clock.monotonic()
            self._idle.append(line)
            MAILS.labels("sent").inc()

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        lines, self._idle = self._idle, []
        for line in lines:
            await _part(line)

    async def _addressed(self, envelope: Envelope) -> _Line:
        """A connection that took sender and recipient; a stale one is replaced once."""
        while self._idle:
            line = self._idle.pop()
            if not line.fresh():
                await _part(line)
                continue
            try:
                await _address(line, envelope)
            except SMTPResponseException as refusal:
                if refusal.code != _CLOSING:
                    raise self._refusal(line, refusal) from refusal
            except _BROKEN:
                pass
            else:
                return line
            # The server closed it while it was idle: nothing of this mail was said.
            line.smtp.close()
        return await self._new_line(envelope)

    async def _new_line(self, envelope: Envelope) -> _Line:
        smtp = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._scheme == "smtps",
            start_tls=self._scheme == "smtp+starttls",
            timeout=STEP_DEADLINE.total_seconds(),
        )
        line = _Line(smtp, used_at=clock.monotonic())
        try:
            await smtp.connect(timeout=CONNECT_DEADLINE.total_seconds())
            await _address(line, envelope)
        except SMTPResponseException as refusal:
            raise self._refusal(line, refusal) from refusal
        except _BROKEN as fault:
            smtp.close()
            telemetry.DEGRADED.labels("smtp").inc()
            raise NotSent(f"the mail server does not answer: {fault!r}") from fault
        return line

    async def _content(self, line: _Line, message: bytes) -> None:
        try:
            await line.smtp.data(message)
        except SMTPResponseException as refusal:
            raise self._refusal(line, refusal) from refusal
        except BaseException as fault:
            line.smtp.close()
            if not isinstance(fault, _BROKEN):
                raise
            MAILS.labels("in_doubt").inc()
            raise SendingInDoubt(f"the connection was lost: {fault!r}") from fault

    def _refusal(self, line: _Line, refusal: SMTPResponseException) -> NotSent:
        # After a refusal the conversation is still orderly; the next mail begins with RSET.
        line.refused = True
        line.used_at = clock.monotonic()
        if line.smtp.is_connected:
            self._idle.append(line)
        MAILS.labels("refused").inc()
        return NotSent(f"the mail server refused: {refusal.code} {refusal.message[:200]!r}")


async def _address(line: _Line, envelope: Envelope) -> None:
    if line.refused:
        await line.smtp.rset()
        line.refused = False
    encoding = "utf-8" if envelope.international else "ascii"
    options = ["SMTPUTF8", "BODY=8BITMIME"] if envelope.international else []
    await line.smtp.mail(envelope.sender, options=options, encoding=encoding)
    await line.smtp.rcpt(envelope.recipient, encoding=encoding)


async def _part(line: _Line) -> None:
    try:
        await asyncio.wait_for(line.smtp.quit(), 2)
    except _BROKEN:
        line.smtp.close()
