"""A mail server that does what a test tells it, and keeps what it took."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

DROP = "drop"


@dataclass
class MailServer:
    """
    `answers` are given to the next mails, in order: None takes the mail, a text such as
    `451 later` refuses it, DROP takes it and hangs up without a word.
    """

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: deque[str | None] = field(default_factory=deque)
    connections: int = 0
    _server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen on any port; the server's address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"smtp://127.0.0.1:{port}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def to(self, recipient: str) -> list[EmailMessage]:
        return [mail for to, mail in self.taken if to == recipient]

    def _conversation(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self, enable_SMTPUTF8=True, hostname="mail.test", loop=asyncio.get_running_loop()
        )

    async def handle_DATA(  # noqa: N802  # the name is aiosmtpd's
        self, server: Any, _session: Session, envelope: Envelope
    ) -> str:
        answer = self.answers.popleft() if self.answers else None
        if answer not in {None, DROP}:
            assert answer is not None
            return answer
        assert isinstance(envelope.content, bytes)
        mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.taken += [(recipient, mail) for recipient in envelope.rcpt_tos]
        if answer == DROP:
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 taken"
