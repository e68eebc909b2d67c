"""Parse, call, present: the gateway's addresses."""

import asyncio
import hmac
import sys
import traceback
from collections.abc import Awaitable
from urllib.parse import parse_qs

import msgspec

from seatwright.kit import clock, errors
from seatwright.simulators.gateway import idempotency, outages, reading
from seatwright.simulators.gateway.challenge import ChallengePages
from seatwright.simulators.gateway.ledger import Ledger
from seatwright.simulators.gateway.operations import Answer, Operations
from seatwright.simulators.gateway.webhooks import Webhooks
from seatwright.simulators.web import Reply, Request

_STATUS: tuple[tuple[type[errors.Expected], int], ...] = (
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Invalid, 422),
    (errors.Unauthenticated, 401),
    (errors.TooLarge, 413),
)
_VERBS = frozenset({"captures", "voids", "refunds"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_NEVER = Reply(0, b"")


class MethodNotAllowed(errors.Expected):
    """The address exists, but not for that method."""

    code = "method_not_allowed"


class Gateway:
    """Answers requests; `answer` raises nothing."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        operations: Operations,
        webhooks: Webhooks,
        conditions: outages.Conditions,
        pages: ChallengePages,
        api_key: str,
    ) -> None:
        self._ledger = ledger
        self._operations = operations
        self._webhooks = webhooks
        self._conditions = conditions
        self._pages = pages
        self._authorization = f"Bearer {api_key}".encode("latin-1")

    async def answer(self, request: Request) -> Reply:
        """The answer to one request."""
        path, query = request.split_url()
        if not path.startswith("/v1/"):
            return await _guarded(self._beside(path, query, request))
        outage = self._conditions.outage
        struck = await outages.strikes(outage, request)
        if struck is not None:
            return struck
        answer_at = clock.monotonic() + self._conditions.latency_ms / 1000
        reply = await _guarded(self._answer_api(path, query, request))
        if reply is _NEVER:
            return await request.hang(outages.HANG_S_MAX)
        if (left_s := answer_at - clock.monotonic()) > 0:
            await asyncio.sleep(left_s)
        return reply if outage == "none" else outages.spoiled(outage, reply)

    async def _answer_api(self, path: str, query: str, request: Request) -> Reply:
        if not self._has_key(request):
            raise errors.Unauthenticated("Send `Authorization: Bearer <api key>`.")
        parts = path.split("/")[2:]
        if parts[0] != "payments":
            raise errors.NotFound("No such address.")
        if request.method == "GET":
            return await self._read(parts, query)
        if request.method != "POST":
            raise MethodNotAllowed("GET or POST.")
        body = request.body
        key = request.header(b"idempotency-key")
        mark = idempotency.fingerprint(path, body) if key else ""
        match parts:
            case ["payments"]:
                answer = await self._operations.authorise(body, key=key, fingerprint=mark)
            case ["payments", payment_id, verb] if verb in _VERBS:
                answer = await self._operations.operate(
                    verb, payment_id, body, key=key, fingerprint=mark
                )
            case _:
                raise errors.NotFound("No such address.")
        return _presented(answer)

    async def _read(self, parts: list[str], query: str) -> Reply:
        # What is about to become durable is already decided; show nothing that a crash
        # could still undo.
        await self._ledger.durable()
        match parts:
            case ["payments"]:
                return reading.payments(self._ledger, parse_qs(query))
            case ["payments", payment_id]:
                return Reply(200, self._ledger.shown(payment_id))
            case _:
                raise errors.NotFound("No such address.")

    async def _beside(self, path: str, query: str, request: Request) -> Reply:
        match path.split("/")[1:]:
            case ["healthz"]:
                return self._health()
            case ["challenge", payment_id]:
                return await self._challenge(payment_id, request)
            case ["ledger"]:
                self._only_from_here(request)
                await self._ledger.durable()
                return reading.open_ledger(self._ledger, parse_qs(query))
            case ["_control"]:
                self._only_from_here(request)
                return self._control(request)
            case _:
                raise errors.NotFound("No such address.")

    def _health(self) -> Reply:
        body = {
            "status": "ok",
            "payments": len(self._ledger),
            "webhooks_undelivered": len(self._ledger.undelivered),
            "webhooks_dropped": self._webhooks.dropped,
        }
        return Reply(200, msgspec.json.encode(body))

    async def _challenge(self, payment_id: str, request: Request) -> Reply:
        await self._ledger.durable()
        payment = self._ledger.find(payment_id)
        if request.method == "POST":
            return await self._pages.take(payment, request.body)
        return self._pages.show(payment)

    def _control(self, request: Request) -> Reply:
        if request.method == "POST":
            wanted = msgspec.json.decode(request.body, type=outages.Change)
            outages.change(self._conditions, wanted)
        return Reply(200, msgspec.json.encode(self._conditions))

    def _has_key(self, request: Request) -> bool:
        given = request.headers.get(b"authorization", b"")
        return hmac.compare_digest(given, self._authorization)

    def _only_from_here(self, request: Request) -> None:
        # A proxy or a web page may also speak from this machine; neither is a test tool.
        passed_on = request.headers.keys() & {b"x-forwarded-for", b"forwarded", b"origin"}
        if (passed_on or request.peer not in _LOOPBACK) and not self._has_key(request):
            raise errors.Unauthenticated("From elsewhere only with the API key.")


def _presented(answer: Answer) -> Reply:
    if answer.never:
        return _NEVER
    headers = ((b"idempotent-replayed", b"true"),) if answer.replayed else ()
    return Reply(answer.status, answer.body, headers=headers)


async def _guarded(work: Awaitable[Reply]) -> Reply:
    try:
        return await work
    except errors.Expected as refusal:
        status = next((s for kind, s in _STATUS if isinstance(refusal, kind)), 405)
        retry = ((b"retry-after", b"1"),) if refusal.code == "in_progress" else ()
        code = refusal.problems[0].code if isinstance(refusal, errors.Invalid) else refusal.code
        return Reply(status, _error(code, refusal.detail), headers=retry)
    except msgspec.ValidationError as error:
        return Reply(422, _error("invalid", str(error)))
    except msgspec.DecodeError as error:
        return Reply(400, _error("malformed", str(error)))
    except Exception:  # noqa: BLE001  # the edge: a bug is logged and answered, not fatal
        traceback.print_exc(file=sys.stderr)
        return Reply(500, _error("internal", "A bug in the simulator; see its log."))


def _error(code: str, message: str) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "message": message}})
