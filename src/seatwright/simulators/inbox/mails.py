"""Take a mail apart for reading: headers, text, HTML, attachments."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser

from seatwright.kit import errors
from seatwright.simulators.inbox.store import encodable, header_text

PARTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the body. `content_id` is how HTML refers to it, or ""."""

    name: str
    content_type: str
    content_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One parsed mail; `text` and `html` are "" where there is none."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]

    def attachment(self, number: str) -> Attachment:
        """The attachment counted from 0. Raises `NotFound`."""
        if number.isascii() and number.isdigit() and len(number) <= len(str(PARTS_MAX)):
            position = int(number)
            if position < len(self.attachments):
                return self.attachments[position]
        raise errors.NotFound("The mail has no such attachment.")


def parsed(content: bytes) -> Mail:
    """The mail, however broken: what cannot be decoded is shown with replacement signs."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    return Mail(
        headers=tuple(_headers(message)),
        text=_text(text) if text is not None else "",
        html=_text(html) if html is not None else "",
        attachments=tuple(
            _attachment(part, number)
            for number, part in enumerate(_leaves(message))
            if part is not text and part is not html
        ),
    )


def _headers(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for name, raw in message.raw_items():
        try:
            yield name, encodable(str(message.policy.header_fetch_parse(name, raw)))
        except Exception:  # noqa: BLE001  # the parser has bugs of its own on malformed headers
            yield name, encodable(str(raw))


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    for number, part in enumerate(message.walk()):
        if number >= PARTS_MAX:
            return
        if not part.is_multipart():
            yield part


def _bytes(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: MIMEPart) -> str:
    charset = part.get_content_charset() or "utf-8"
    try:
        return _bytes(part).decode(charset, "replace")
    except LookupError:
        # A charset nobody knows; most of a mail is ASCII anyway.
        return _bytes(part).decode("utf-8", "replace")


def _attachment(part: MIMEPart, number: int) -> Attachment:
    content_type = part.get_content_type()
    return Attachment(
        name=encodable(part.get_filename() or "")
        or f"part-{number}.{content_type.rpartition('/')[2]}",
        content_type=content_type,
        content_id=header_text(part, "Content-ID").strip().strip("<>"),
        content=_bytes(part),
    )
