"""Parse, call, present: the inbox's addresses."""

import sys
import traceback
from importlib import resources
from urllib.parse import parse_qs, quote

import msgspec

from seatwright.kit import clock, errors
from seatwright.simulators.inbox import mails, texts
from seatwright.simulators.inbox.mails import Attachment, Mail
from seatwright.simulators.inbox.store import Envelope, MailStore
from seatwright.simulators.web import HTML, Reply, Request

LIMIT_MAX = 500
_LIMIT_DEFAULT = 50
_MAILS_KEPT_MAX = 64
_PDF = "application/pdf"
# Opened in the browser; everything else is only ever saved.
_SHOWN = {_PDF: b"%PDF-", "image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/gif": b"GIF8"}

_PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"frame-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)
# Links of a mail may open a window of their own; nothing else of it may do anything.
_BODY_POLICY = (
    b"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    b"img-src 'self' data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; "
    b"frame-ancestors 'self'"
)
_FILE_POLICY = b"sandbox; default-src 'none'; frame-ancestors 'none'"
# Browsers refuse to show a PDF in a sandbox; their viewer brings its own.
_PDF_POLICY = b"default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
_GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_FILES = {
    "": ("inbox.html", HTML),
    "inbox.css": ("inbox.css", b"text/css; charset=utf-8"),
    "inbox.js": ("inbox.js", b"text/javascript; charset=utf-8"),
}


class Inbox:
    """Answers requests over one store; `answer` raises nothing."""

    def __init__(self, store: MailStore, base_path: str) -> None:
        self._store = store
        self._base = base_path.rstrip("/")
        # A mail never changes, taking one with a PDF apart is milliseconds, and whoever waits for
        # one asks again and again.
        self._mails: dict[str, Reply] = {}
        folder = resources.files("seatwright.simulators.inbox") / "page"
        self._files = {
            path: Reply(200, (folder / name).read_bytes(), kind, _guarded(_PAGE_POLICY))
            for path, (name, kind) in _FILES.items()
        }

    async def answer(self, request: Request) -> Reply:
        """The answer to one request."""
        try:
            return self._route(request)
        except errors.NotFound as refusal:
            return _error(404, refusal)
        except errors.Invalid as refusal:
            return _error(422, refusal)
        except Exception:  # noqa: BLE001  # the edge: a mail that breaks us is only logged
            traceback.print_exc(file=sys.stderr)
            return _error(500, errors.Unavailable("A bug in the inbox; see its log."))

    def _route(self, request: Request) -> Reply:
        path, query = request.split_url()
        if path == self._base and self._base:
            return Reply(308, b"", HTML, ((b"location", self._base.encode() + b"/"),))
        # A proxy may cut the base path off or leave it; both arrive here.
        path = path.removeprefix(self._base)
        match path.split("/")[1:]:
            case [name] if name in self._files:
                return self._files[name]
            case ["healthz"]:
                return _json({"status": "ok", "mails": len(self._store)})
            case ["2010-04-01", "Accounts", account, "Messages.json"] if request.method == "POST":
                return texts.taken(self._store, account, request)
            case ["mails", mail_id, "body"]:
                return self._body(mail_id)
            case ["api", "mails", *rest]:
                return self._api(request, rest, query)
            case _:
                raise errors.NotFound("No such address.")

    def _api(self, request: Request, rest: list[str], query: str) -> Reply:
        match request.method, rest:
            case "DELETE", []:
                self._store.clear()
                return _json({"items": [], "next": None, "total": 0})
            case (("GET" | "HEAD"), []):
                return self._list(request, parse_qs(query))
            case (("GET" | "HEAD"), [mail_id]):
                return self._mail(mail_id)
            case (("GET" | "HEAD"), [mail_id, "raw"]):
                content = self._store.content(mail_id)
                return _file(Attachment(f"{mail_id}.eml", "message/rfc822", "", content))
            case (("GET" | "HEAD"), [mail_id, "attachments", number]):
                mail = mails.parsed(self._store.content(mail_id))
                return _file(mail.attachment(number))
            case _:
                raise errors.NotFound("No such address.")

    def _mail(self, mail_id: str) -> Reply:
        envelope = self._store.envelope(mail_id)
        shown = self._mails.get(mail_id)
        if shown is None:
            shown = _json(_whole(envelope, mails.parsed(self._store.content(mail_id))))
            self._mails[mail_id] = shown
            if len(self._mails) > _MAILS_KEPT_MAX:
                del self._mails[next(iter(self._mails))]
        return shown

    def _list(self, request: Request, query: dict[str, list[str]]) -> Reply:
        tag = f'"{self._store.version}"'
        headers = ((b"etag", tag.encode()), (b"cache-control", b"no-cache"))
        if request.header(b"if-none-match") == tag:
            return Reply(304, b"", headers=headers)
        limit = _limit(query)
        cursor = query.get("cursor", [""])[0]
        found = list(self._store.newest_first(query.get("to", [""])[0].strip()))
        # A cursor is the last mail seen; one that was forgotten since was among the oldest.
        places = (n + 1 for n, envelope in enumerate(found) if envelope.id == cursor)
        start = next(places, len(found)) if cursor else 0
        shown = found[start : start + limit]
        more = shown[-1].id if start + limit < len(found) else None
        body = {"items": [self._line(e) for e in shown], "next": more, "total": len(found)}
        return Reply(200, msgspec.json.encode(body), headers=headers)

    def _line(self, envelope: Envelope) -> dict[str, object]:
        heading = self._store.heading(envelope.id)
        return {
            **_outside(envelope),
            "from": heading.author,
            "subject": heading.subject,
            "has_attachments": heading.has_attachments,
        }

    def _body(self, mail_id: str) -> Reply:
        mail = mails.parsed(self._store.content(mail_id))
        html = mail.html
        for number, attachment in enumerate(mail.attachments):
            if attachment.content_id:
                address = f"../../api/mails/{mail_id}/attachments/{number}"
                html = html.replace(f"cid:{attachment.content_id}", address)
        return Reply(200, _in_new_windows(html).encode(), HTML, _guarded(_BODY_POLICY))


def _in_new_windows(html: str) -> str:
    # A link must not replace the mail inside its frame; the element goes where a head
    # begins, or on top.
    base = '<base target="_blank">'
    head = html.lower().find("<head>")
    place = head + len("<head>") if head >= 0 else 0
    return html[:place] + base + html[place:]


def _limit(query: dict[str, list[str]]) -> int:
    text = query.get("limit", [str(_LIMIT_DEFAULT)])[0]
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LIMIT_MAX):
        raise errors.invalid("limit", "limit", f"From 1 to {LIMIT_MAX}.")
    return int(text)


def _outside(envelope: Envelope) -> dict[str, object]:
    return {
        "id": envelope.id,
        "received_at": clock.rfc3339(envelope.received_at),
        "sender": envelope.sender,
        "to": envelope.recipients,
        "size_bytes": envelope.size_bytes,
    }


def _whole(envelope: Envelope, mail: Mail) -> dict[str, object]:
    first = {name.lower(): value for name, value in reversed(mail.headers)}
    return {
        **_outside(envelope),
        "from": first.get("from", ""),
        "subject": first.get("subject", ""),
        "headers": [{"name": name, "value": value} for name, value in mail.headers],
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {
                "number": number,
                "name": attachment.name,
                "content_type": attachment.content_type,
                "content_id": attachment.content_id,
                "size_bytes": len(attachment.content),
            }
            for number, attachment in enumerate(mail.attachments)
        ],
    }


def _file(attachment: Attachment) -> Reply:
    # What it claims to be counts only when it begins like one.
    start = _SHOWN.get(attachment.content_type)
    shown = start is not None and attachment.content.startswith(start)
    kind = attachment.content_type if shown else "application/octet-stream"
    way = "inline" if shown else "attachment"
    disposition = f"{way}; filename*=UTF-8''{quote(attachment.name, safe='')}"
    policy = _PDF_POLICY if kind == _PDF else _FILE_POLICY
    headers = ((b"content-disposition", disposition.encode()), *_guarded(policy))
    return Reply(200, attachment.content, kind.encode(), headers)


def _guarded(policy: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"content-security-policy", policy), *_GUARDS)


def _json(body: object) -> Reply:
    return Reply(200, msgspec.json.encode(body), headers=_GUARDS)


def _error(status: int, refusal: errors.Expected) -> Reply:
    body = {"error": {"code": refusal.code, "message": refusal.detail}}
    return Reply(status, msgspec.json.encode(body), headers=_GUARDS)
