"""
SMTP that takes every mail.

aiosmtpd speaks the protocol; only DATA is our own. It reads line by line there, which for a
mail with a PDF means a thousand steps of the event loop; here the end is searched for in what
has arrived.
"""

from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

# What the larger mail providers accept.
MAIL_BYTES_MAX = 30 * 1024 * 1024
_END = b"\r\n.\r\n"
_READ_BYTES_MAX = 1 << 31

Keep = Callable[[str, list[str], bytes], object]


class _Keeper:
    """The hook that aiosmtpd calls with each complete mail."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def handle_DATA(  # noqa: N802  # the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        try:
            self._keep(envelope.mail_from or "", envelope.rcpt_tos, envelope.content)
        except OSError as error:
            return f"452 4.3.1 {error.strerror}"
        return "250 2.0.0 Kept"


class InboxSmtp(SMTP):
    """One SMTP conversation; `keep` takes sender, recipients and content of each mail."""

    # Also the size of the reader's buffer: lines of mails are as long as they are.
    line_length_limit = 262_144

    def __init__(self, keep: Keep) -> None:
        super().__init__(
            _Keeper(keep),
            data_size_limit=MAIL_BYTES_MAX,
            enable_SMTPUTF8=True,
            hostname="inbox.localhost",
            ident="Simulated inbox",
        )

    @override
    async def smtp_DATA(self, arg: str) -> None:  # the name is aiosmtpd's
        """Read until the lone dot; keep the mail or refuse it."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._read_content()
        if content is None:
            self.envelope = self._create_envelope()
            await self.push("552 5.3.4 Too much mail data")
            return
        self.envelope.content = self.envelope.original_content = content
        status = await self._call_handler_hook("DATA")
        self.envelope = self._create_envelope()
        await self.push(status)

    async def _read_content(self) -> bytes | None:
        # All there is each time, so that what follows the end can be put back in front.
        held = bytearray(b"\r\n")
        too_much = False
        while True:
            arrived = await self._reader.read(_READ_BYTES_MAX)
            if not arrived:
                raise ConnectionResetError
            searched = max(0, len(held) - len(_END) + 1)
            held += arrived
            end = held.find(_END, searched)
            if end >= 0:
                break
            if len(held) > MAIL_BYTES_MAX:
                too_much = True
                del held[: 1 - len(_END)]
        if rest := bytes(held[end + len(_END) :]):
            self._reader.feed_data(rest)
        if too_much:
            return None
        # A line's leading dot is doubled on the wire (RFC 5321, 4.5.2).
        return bytes(held[: end + 2]).replace(b"\r\n.", b"\r\n")[2:]
