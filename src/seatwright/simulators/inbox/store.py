"""Mails as .eml files in one folder, the newest first, bounded in number and bytes."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from seatwright.kit import clock, errors, ids

# Enough of a file to hold the envelope we wrote on top; a mail has few recipients here.
_ENVELOPE_BYTES_MAX = 65_536
# Headers of a mail; its attachments are not read for a list.
_HEADING_BYTES_MAX = 65_536
_SENDER = b"X-Inbox-Sender: "
_RECIPIENT = b"X-Inbox-Recipient: "
_RECEIVED = b"X-Inbox-Received: "
_END = b"X-Inbox-End: 1\r\n"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP said about a mail, whatever its headers claim. `size_bytes` is of the mail."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Heading:
    """The headers a list shows."""

    subject: str
    author: str
    has_attachments: bool


class MailStore:
    """
    The folder and an index of it in memory. `version` changes whenever the content does.

    Files are not flushed to disk one by one: a power cut may lose the last mails of a demo.
    """

    def __init__(self, folder: Path, *, mails_max: int, bytes_max: int) -> None:
        self._folder = folder
        self._mails_max = mails_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._envelopes: dict[str, Envelope] = {}
        # Folded once: whoever waits for a mail looks through all of them, many times a second.
        self._addressed: dict[str, str] = {}
        self._headings: dict[str, Heading] = {}
        self.version = ids.short_id()
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("*.new"):
            leftover.unlink()
        for path in sorted(folder.glob("*.eml")):
            self._index(_read_envelope(path))
        self._forget_oldest()

    def __len__(self) -> int:
        return len(self._envelopes)

    def keep(self, sender: str, recipients: list[str], content: bytes) -> Envelope:
        """Store one mail. Raises `OSError` when the disk refuses."""
        mail_id = ids.short_id()
        received_at = clock.now()
        sender_text = encodable(sender)
        addressed = tuple(encodable(recipient) for recipient in recipients)
        envelope = Envelope(mail_id, received_at, sender_text, addressed, len(content))
        path = self._path(mail_id)
        unfinished = path.with_suffix(".new")
        with unfinished.open("wb") as file:
            file.write(_written(envelope))
            file.write(content)
        unfinished.replace(path)
        self._index(envelope)
        self._forget_oldest()
        return envelope

    def newest_first(self, to: str) -> Iterator[Envelope]:
        """Mails with `to` in a recipient's address, in any case; all for ""."""
        wanted = to.casefold()
        for mail_id, addressed in reversed(self._addressed.items()):
            if wanted in addressed:
                yield self._envelopes[mail_id]

    def envelope(self, mail_id: str) -> Envelope:
        """Raises `NotFound`."""
        found = self._envelopes.get(mail_id)
        if found is None:
            raise errors.NotFound("No such mail; old ones are forgotten.")
        return found

    def content(self, mail_id: str) -> bytes:
        """The mail as it came. Raises `NotFound`."""
        return self._read(mail_id)

    def _read(self, mail_id: str, bytes_max: int = -1) -> bytes:
        size = self.envelope(mail_id).size_bytes
        try:
            with self._path(mail_id).open("rb") as file:
                file.seek(-size, os.SEEK_END)
                return file.read(bytes_max)
        except FileNotFoundError as error:
            raise errors.NotFound("Somebody removed the file.") from error

    def heading(self, mail_id: str) -> Heading:
        """The few headers of a list's line; read once, then remembered. Raises `NotFound`."""
        found = self._headings.get(mail_id)
        if found is None:
            found = self._headings[mail_id] = _read_heading(self._read(mail_id, _HEADING_BYTES_MAX))
        return found

    def clear(self) -> None:
        """Forget all mails."""
        for mail_id in list(self._envelopes):
            self._forget(mail_id)

    def _path(self, mail_id: str) -> Path:
        return self._folder / f"{mail_id}.eml"

    def _index(self, envelope: Envelope) -> None:
        self._envelopes[envelope.id] = envelope
        self._addressed[envelope.id] = "\n".join(envelope.recipients).casefold()
        self._bytes += envelope.size_bytes
        self.version = envelope.id

    def _forget_oldest(self) -> None:
        while len(self._envelopes) > self._mails_max or (
            self._bytes > self._bytes_max and len(self._envelopes) > 1
        ):
            self._forget(next(iter(self._envelopes)))

    def _forget(self, mail_id: str) -> None:
        self._bytes -= self._envelopes.pop(mail_id).size_bytes
        del self._addressed[mail_id]
        self._headings.pop(mail_id, None)
        self.version = ids.short_id()
        with contextlib.suppress(FileNotFoundError):
            self._path(mail_id).unlink()


def _written(envelope: Envelope) -> bytes:
    # As headers on top the file stays a mail that any mail program opens.
    lines = [_SENDER + envelope.sender.encode()]
    lines += [_RECIPIENT + recipient.encode() for recipient in envelope.recipients]
    lines.append(_RECEIVED + envelope.received_at.isoformat().encode())
    return b"\r\n".join(lines) + b"\r\n" + _END


def _read_envelope(path: Path) -> Envelope:
    with path.open("rb") as file:
        top = file.read(_ENVELOPE_BYTES_MAX)
        size = file.seek(0, os.SEEK_END)
    written, found, _ = top.partition(_END)
    sender, recipients, received_at = "", [], datetime.fromtimestamp(path.stat().st_mtime, UTC)
    for line in written.split(b"\r\n") if found else []:
        if line.startswith(_SENDER):
            sender = line[len(_SENDER) :].decode()
        elif line.startswith(_RECIPIENT):
            recipients.append(line[len(_RECIPIENT) :].decode())
        elif line.startswith(_RECEIVED):
            received_at = datetime.fromisoformat(line[len(_RECEIVED) :].decode())
    if found:
        size -= len(written) + len(found)
    return Envelope(path.stem, received_at, sender, tuple(recipients), size)


def _read_heading(content: bytes) -> Heading:
    top = content.partition(b"\r\n\r\n")[0]
    message = BytesHeaderParser(policy=policy.default).parsebytes(top)
    return Heading(
        subject=header_text(message, "Subject"),
        author=header_text(message, "From"),
        has_attachments=message.get_content_type() == "multipart/mixed",
    )


def header_text(message: Message, name: str) -> str:
    """A header decoded for reading, "" when missing; as it is when it is too broken to decode."""
    raw = next((str(v) for n, v in message.raw_items() if n.lower() == name.lower()), "")
    try:
        return encodable(str(message.get(name, "")))
    except Exception:  # noqa: BLE001  # the parser has bugs of its own on malformed headers
        return encodable(raw)


def encodable(text: str) -> str:
    """The text without lone surrogates, which stand for bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode()
