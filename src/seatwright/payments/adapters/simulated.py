"""The simulated gateway, spoken to over HTTP like any other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import msgspec

from seatwright.contracts.payments import (
    Authorisation,
    GatewayName,
    GatewayPage,
    GatewayPayment,
    GatewayPaymentId,
    Notice,
    PaymentReference,
)
from seatwright.kit import clock, log, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.payments import domain

NAME = GatewayName("simulated")
# A buyer waits 8 s for an authorisation (`correctness.md` 4.4). Taking money or giving it back may
# need a look at the payment afterwards, and both together must be done before whoever asked over
# the broker stops waiting (`limits.RPC_WRITE`).
_CONNECT_S = 1.0
AUTHORISE_S = 8.0
OPERATION_S = 6.0
LOOK_UP_S = 3.0
# Whatever a gateway sends, no more than this of it is read (F-G13).
_ANSWER_BYTES_MAX = 256 * 1024
# What is no JSON, or no text at all.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
_CONNECTIONS_MAX = 512
# A page of about 100 KB at most, as many as other gateways give.
_LISTED_MAX = 100
_PAYMENTS = "/v1/payments"
_CAPTURES = "/captures"
_OK, _CREATED = 200, 201
_REFUSED_CARD = 402
# No whole answer came: the request may have been carried out.
_NO_ANSWER = 0
# What we call a refusal without a code that can be read.
_NO_CODE = "gateway_refused"
# In flight, too many, too slow, or a key that is not accepted (a rotation half done): says nothing
# about the payment itself, so the look-up decides.
_NOT_NOW = frozenset({_NO_ANSWER, 401, 403, 408, 409, 425, 429})


class SimulatedGateway:
    """A client with kept-alive connections; one a process."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str, key: str, secret: str) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._secret = secret

    @classmethod
    def open(cls, *, url: str, key: str, secret: str) -> "SimulatedGateway":
        """A gateway at `url`; needs a running event loop."""
        connector = aiohttp.TCPConnector(limit=_CONNECTIONS_MAX, keepalive_timeout=30)
        session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            # Small JSON both ways: nothing to unpack, nothing to introduce ourselves with.
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )
        return cls(session, url=url, key=key, secret=secret)

    async def close(self) -> None:
        """End all connections."""
        await self._session.close()

    async def authorise(self, request: Authorisation) -> GatewayPayment:
        """Set the money aside; `in_doubt` when no answer came that can be read."""
        body = {
            "reference": request.reference,
            "amount": request.amount,
            "currency": request.currency,
            "token": request.token,
            "capture": "manual",
            "return_url": request.return_url,
            "metadata": {
                "event": request.event,
                "order": request.order,
                "seats": request.seats,
                "attempt": request.reference,
                "shop": request.shop,
            },
        }
        return await self._write(
            _PAYMENTS, body, key=request.reference, reference=request.reference,
            deadline_s=AUTHORISE_S,
        )  # fmt: skip

    async def capture(
        self, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment:
        """Take the money; `failed` when the bank has finally said no."""
        path = f"{_PAYMENTS}/{quote(payment, safe='')}{_CAPTURES}"
        found = await self._write(
            path, {}, key=f"{reference}_cap", reference=reference, deadline_s=OPERATION_S
        )
        if found.standing != "in_doubt":
            return found
        # Money that came by itself (a bank transfer) cannot be taken again, nor can what was
        # authorised too long ago: the gateway refuses, and only the payment itself says why.
        found = await self.look_up(reference)
        lapses = found.capture_before
        if found.standing == "authorised" and lapses is not None and lapses <= clock.now():
            return GatewayPayment(
                reference=reference, standing="failed", decline_code="authorisation_expired"
            )
        return found

    async def void(self, payment: GatewayPaymentId, reference: PaymentReference) -> GatewayPayment:
        """Give the authorisation back."""
        path = f"{_PAYMENTS}/{quote(payment, safe='')}/voids"
        found = await self._write(
            path, {}, key=f"{reference}_void", reference=reference, deadline_s=OPERATION_S
        )
        return await self.look_up(reference) if found.standing == "in_doubt" else found

    async def refund(
        self, payment: GatewayPaymentId, reference: PaymentReference, amount: int, refund: str
    ) -> GatewayPayment:
        """Give money back; the answer is the payment as it stands afterwards."""
        path = f"/v1/payments/{quote(payment, safe='')}/refunds"
        body = {"amount": amount, "reference": refund}
        status, _ = await self._send("POST", path, body, key=refund, deadline_s=OPERATION_S)
        if status not in {_OK, _CREATED}:
            return domain.in_doubt(reference)
        return await self.look_up(reference)

    async def look_up(self, reference: PaymentReference) -> GatewayPayment:
        """The authority on a reference; `in_doubt` while the gateway does not answer."""
        path = f"/v1/payments?reference={quote(reference, safe='')}"
        status, raw = await self._send("GET", path, None, key=None, deadline_s=LOOK_UP_S)
        if status != _OK:
            return domain.in_doubt(reference)
        try:
            items = msgspec.json.decode(raw, type=_Items).items
        except (msgspec.DecodeError, UnicodeDecodeError):
            return domain.in_doubt(reference)
        if not items:
            return GatewayPayment(reference=reference, standing="absent")
        return domain.payment(items[-1])

    async def listed(self, since: datetime, before: datetime, cursor: str | None) -> GatewayPage:
        """Payments created in the window, oldest first; raises `Unavailable`."""
        asked = {"since": since.isoformat(), "before": before.isoformat(), "limit": _LISTED_MAX}
        query = urlencode(asked | ({"cursor": cursor} if cursor else {}))
        path = f"{_PAYMENTS}?{query}"
        status, raw = await self._send("GET", path, None, key=None, deadline_s=OPERATION_S)
        if status != _OK:
            raise Unavailable("The gateway did not list its payments.")
        try:
            page = msgspec.json.decode(raw, type=_Page)
        except _UNREADABLE as fault:
            raise Unavailable("The gateway's list cannot be read.") from fault
        return GatewayPage(items=tuple(_readable(page.items)), next=page.next)

    def read_webhook(self, headers: dict[str, str], body: bytes) -> Notice:
        """Verify and read a webhook; raises `ForgedWebhook`."""
        return domain.read_webhook(self._secret, headers, body, now=clock.now(), gateway=NAME)

    async def _write(
        self,
        path: str,
        body: dict[str, Any],
        *,
        key: str,
        reference: PaymentReference,
        deadline_s: float,
    ) -> GatewayPayment:
        try:
            status, raw = await self._send("POST", path, body, key=key, deadline_s=deadline_s)
        except Unavailable:
            # The connection was refused: nothing was sent. In doubt all the same, because a
            # repeat with this key may have been sent before; the look-up decides.
            return domain.in_doubt(reference)
        if status in {_OK, _CREATED}:
            try:
                return domain.payment(domain.payment_decoder.decode(raw))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return domain.in_doubt(reference)
        if status == _REFUSED_CARD:
            return _card_refused(path, reference, raw)
        log.note(gateway_status=status)
        if status in _NOT_NOW or status >= 500:  # noqa: PLR2004  # the gateway's own fault
            telemetry.DEGRADED.labels("gateway").inc()
            return domain.in_doubt(reference)
        return _refused(path, reference, raw)

    async def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        *,
        key: str | None,
        deadline_s: float,
    ) -> tuple[int, bytes]:
        """Status and body, 0 when no whole answer came in time; raises `Unavailable` unsent."""
        headers = self._headers if key is None else {**self._headers, "Idempotency-Key": key}
        timeout = aiohttp.ClientTimeout(total=deadline_s, sock_connect=_CONNECT_S)
        started = clock.monotonic()
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=None if body is None else msgspec.json.encode(body),
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                raw = await response.content.read(_ANSWER_BYTES_MAX + 1)
                while len(raw) <= _ANSWER_BYTES_MAX and not response.content.at_eof():
                    raw += await response.content.read(_ANSWER_BYTES_MAX + 1 - len(raw))
                # No text with U+0000 in it can be kept; a code with a hole in it can.
                return response.status, raw.replace(b"\\u0000", b"\\ufffd")
        except aiohttp.ClientConnectorError as fault:
            telemetry.DEGRADED.labels("gateway").inc()
            raise Unavailable("The gateway cannot be reached.") from fault
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            telemetry.UNKNOWN_OUTCOMES.labels("gateway").inc()
            log.note(gateway_fault=type(fault).__name__)
            return 0, b""
        finally:
            log.spent("gateway", clock.monotonic() - started)


class _Items(msgspec.Struct):
    items: list[domain.SimulatedPayment]


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    next: str | None


def _readable(items: list[msgspec.Raw]) -> Iterator[GatewayPayment]:
    # An account may hold payments that others made, in shapes of their own; they are not ours.
    for raw in items:
        try:
            yield domain.payment(domain.payment_decoder.decode(raw))
        except _UNREADABLE:
            log.log.warning("foreign_payment_listed")


def _card_refused(path: str, reference: PaymentReference, raw: bytes) -> GatewayPayment:
    code = _error_code(raw)
    if path != _PAYMENTS and (code == _NO_CODE or not path.endswith(_CAPTURES)):
        # A bank's no ends a capture when it is said in the gateway's own words. No bank is asked
        # whether money may go back: until the payment itself says that it has, it is there.
        return domain.in_doubt(reference)
    return GatewayPayment(reference=reference, standing="failed", decline_code=code)


def _refused(path: str, reference: PaymentReference, raw: bytes) -> GatewayPayment:
    if path != _PAYMENTS:
        # Money may stand behind this one. Only the payment itself says what became of it: a
        # wrong address or a proxy's page must never end an order.
        return domain.in_doubt(reference)
    # A request the gateway calls wrong will not get better: nothing was set aside.
    return GatewayPayment(reference=reference, standing="failed", decline_code=_error_code(raw))


def _error_code(raw: bytes) -> str:
    try:
        code = msgspec.json.decode(raw)["error"]["code"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return _NO_CODE
    return str(code)[:64]
