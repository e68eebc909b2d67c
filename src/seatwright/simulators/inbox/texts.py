"""Text messages, taken as Twilio takes them and shown among the mails."""

import base64
import binascii
from email.message import EmailMessage
from urllib.parse import parse_qs

import msgspec

from seatwright.kit import errors, ids
from seatwright.simulators.inbox.store import MailStore, encodable
from seatwright.simulators.web import Reply, Request

_TEXT_CHARS_MAX = 1600
_CREATED = 201


def taken(store: MailStore, account: str, request: Request) -> Reply:
    """Keep one message (`POST /2010-04-01/Accounts/{Sid}/Messages.json`); raises `Invalid`."""
    if not _known(account, request.header(b"authorization")):
        refused = {"code": 20003, "message": "Authenticate", "status": 401}
        return Reply(401, msgspec.json.encode(refused))
    form = parse_qs(request.body.decode("utf-8", "replace"))
    to, sender, text = (_field(form, name) for name in ("To", "From", "Body"))
    if not to.startswith("+") or not to[1:].isdigit() or len(text) > _TEXT_CHARS_MAX:
        wrong = {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}
        return Reply(400, msgspec.json.encode(wrong))
    message = EmailMessage()
    message["From"] = f'"{_plain(sender)}" <sms@inbox.example>'
    message["To"] = f"{to}@sms.example"
    message["Subject"] = f"SMS: {text[:60]}"
    message.set_content(text)
    store.keep(sender, [f"{to}@sms.example"], message.as_bytes())
    answer = {"sid": f"SM{ids.short_id()}", "status": "queued", "to": to, "body": text}
    return Reply(_CREATED, msgspec.json.encode(answer))


def _field(form: dict[str, list[str]], name: str) -> str:
    found = " ".join(encodable(form.get(name, [""])[0]).split())
    if not found:
        raise errors.invalid(name, "required", "A message has To, From and Body.")
    return found


def _known(account: str, header: str) -> bool:
    try:
        said = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return header.startswith("Basic ") and said.partition(":")[0] == account


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum() or sign in "+ ")[:40]
