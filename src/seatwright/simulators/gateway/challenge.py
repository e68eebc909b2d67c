"""The page a buyer's bank would show: approve or decline, once."""

import base64
import hashlib
import hmac
from html import escape
from urllib.parse import parse_qs, urlsplit

from seatwright.kit import errors
from seatwright.kit.money import exponent
from seatwright.simulators.gateway.operations import Operations
from seatwright.simulators.gateway.payments import Payment
from seatwright.simulators.web import HTML, Reply

FORM_BYTES_MAX = 4096

_STYLE = """
:root{color-scheme:light dark;--ground:#eef1f5;--card:#fff;--ink:#15202b;--quiet:#4a5866;
--line:#d5dce3;--go:#0b5cad;--go-ink:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#0e1318;--card:#182028;--ink:#eef2f6;
--quiet:#a5b2bf;--line:#303b46;--go:#7ab8f5;--go-ink:#06182a}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1rem;
background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);
border-radius:.75rem;padding:1.75rem}
.bank{margin:0 0 1.25rem;color:var(--quiet);font-size:.9375rem}
h1{margin:0 0 .25rem;font-size:1.375rem;line-height:1.25}
.amount{margin:0 0 1.25rem;font-size:2.25rem;line-height:1.2;font-weight:650;
font-variant-numeric:tabular-nums}
dl{margin:0 0 1.5rem;padding:.75rem 0 0;border-top:1px solid var(--line);display:grid;
grid-template-columns:max-content 1fr;gap:.25rem 1rem;font-size:.9375rem}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
form{display:grid;gap:.625rem}
button{min-height:3rem;border-radius:.5rem;border:1px solid var(--quiet);font:inherit;
font-weight:600;cursor:pointer;background:transparent;color:inherit}
button.approve{background:var(--go);border-color:var(--go);color:var(--go-ink)}
button:focus-visible,a:focus-visible{outline:3px solid var(--go);outline-offset:2px}
.note{margin:1.25rem 0 0;color:var(--quiet);font-size:.875rem}
a{color:var(--go)}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_QUESTION = """<p class="bank">Demo Bank &middot; simulated, no money moves</p>
<h1>Confirm your payment</h1>
<p class="amount">{amount}</p>
<dl><dt>To</dt><dd>{merchant}</dd><dt>Reference</dt><dd>{reference}</dd></dl>
<form method="post">
<input type="hidden" name="token" value="{token}">
<button class="approve" name="answer" value="approve">Approve payment</button>
<button name="answer" value="decline">Decline</button>
</form>
<p class="note">You return to the shop after your answer.</p>"""
_CLOSED = """<p class="bank">Demo Bank &middot; simulated, no money moves</p>
<h1>{title}</h1>
<p>{text}</p>{back}"""


class ChallengePages:
    """Shows and takes the form. `secret` derives each payment's form token."""

    def __init__(self, operations: Operations, secret: str) -> None:
        self._operations = operations
        self._secret = secret

    def show(self, payment: Payment) -> Reply:
        """The question, or a page that says it was answered."""
        if payment.status != "challenge":
            title = "This payment has been answered"
            return _closed(200, title, "There is nothing left to confirm.", payment)
        content = _QUESTION.format(
            amount=escape(_readable(payment)),
            merchant=escape(_merchant(payment)),
            reference=escape(payment.reference),
            token=self._token(payment.id),
        )
        return _page(200, "Confirm your payment", content, payment)

    async def take(self, payment: Payment, body: bytes) -> Reply:
        """Let the buyer's answer count, once; then back to the shop. Raises `TooLarge`."""
        if len(body) > FORM_BYTES_MAX:
            raise errors.TooLarge("The form has two short fields.")
        form = parse_qs(body.decode("utf-8", "replace"))
        answer = form.get("answer", [""])[0]
        given = form.get("token", [""])[0].encode()
        if answer not in {"approve", "decline"} or not hmac.compare_digest(
            given, self._token(payment.id).encode()
        ):
            text = "Open the page again from the shop and answer there."
            return _closed(403, "That form is not valid", text, payment)
        try:
            await self._operations.answer_challenge(payment.id, approved=answer == "approve")
        except errors.Conflict:
            # The second press of a button, or the back button: the first answer stands.
            if payment.return_url is None:
                return self.show(payment)
        if payment.return_url is None:
            text = "You can close this page."
            return _closed(200, "Thank you", text, payment)
        location = payment.return_url.encode("ascii", "ignore")
        return Reply(303, b"", HTML, ((b"location", location), *_guards(payment)))

    def _token(self, payment_id: str) -> str:
        # One-time because the challenge is: once answered, no token opens it again.
        message = b"challenge." + payment_id.encode()
        return hmac.new(self._secret.encode(), message, hashlib.sha256).hexdigest()


def _readable(payment: Payment) -> str:
    places = exponent(payment.currency)
    digits = str(payment.amount).rjust(places + 1, "0")
    number = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{number} {payment.currency}"


def _merchant(payment: Payment) -> str:
    # Of whoever takes the money the gateway knows the address; a machine's own name says nothing.
    host = urlsplit(payment.return_url or "").hostname or ""
    return host if "." in host and not host.replace(".", "").isdigit() else "The ticket shop"


def _closed(status: int, title: str, text: str, payment: Payment) -> Reply:
    back = ""
    if payment.return_url is not None:
        back = f'<p><a href="{escape(payment.return_url)}">Back to the shop</a></p>'
    content = _CLOSED.format(title=escape(title), text=escape(text), back=back)
    return _page(status, title, content, payment)


def _page(status: int, title: str, content: str, payment: Payment) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        '</title><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{content}</main></body></html>"
    )
    return Reply(status, text.encode(), HTML, _guards(payment))


def _guards(payment: Payment) -> tuple[tuple[bytes, bytes], ...]:
    # Browsers apply form-action to the redirect after the form too, so the shop is named.
    shop = ""
    if payment.return_url is not None:
        url = urlsplit(payment.return_url)
        shop = f" {url.scheme}://{url.netloc}".encode("ascii", "ignore").decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{shop}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return (
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )
