"""What every request meets at the edge: bounds, refusals in one form, a name, a log line."""

import json
from http import HTTPStatus

import pytest
import structlog
from litestar.exceptions import (
    ClientException,
    HTTPException,
    ValidationException,
)

from seatwright.kit import errors, limits, log, signing, telemetry
from seatwright.kit.web import app, problems
from seatwright.kit.web.caller import CrossSite
from seatwright.kit.web.strict_json import NotJson
from tests.unit.kit.asgi import ask
from tests.unit.kit.shop import NoSuchSeat, open_shop

REFUSALS = [
    (errors.Expected("d"), 400, "refused"),
    (errors.Expected("d", code="special"), 400, "special"),
    (errors.Invalid(detail="d"), 422, "invalid"),
    (errors.invalid("/a", "b", "c"), 422, "invalid"),
    (signing.BadToken("d"), 422, "bad_token"),
    (errors.NotFound("d"), 404, "not_found"),
    (NoSuchSeat("d"), 404, "seat_not_found"),
    (errors.Conflict("d"), 409, "conflict"),
    (errors.Gone("d"), 410, "gone"),
    (errors.Unauthenticated("d"), 401, "unauthenticated"),
    (errors.Forbidden("d"), 403, "forbidden"),
    (CrossSite("d"), 403, "cross_site"),
    (errors.Stale("d"), 412, "stale"),
    (errors.TooMany("d", retry_after_s=7), 429, "too_many_requests"),
    (errors.TooLarge("d"), 413, "too_large"),
    (errors.Unavailable("d"), 503, "unavailable"),
    (errors.Unknown("d"), 503, "outcome_unknown"),
    (NotJson("d"), 415, "unsupported_media_type"),
]


@pytest.mark.parametrize(("refusal", "status", "code"), REFUSALS, ids=lambda v: repr(v)[:24])
async def test_every_kind_of_refusal_has_one_status_and_the_same_form(refusal, status, code):
    shop, till = open_shop()
    till.refusal = refusal
    answer = await ask(shop, "GET", "/v1/fail")
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json()
    assert document["type"].endswith(f"/{code}")
    assert document["status"] == status
    assert document["title"] == refusal.title
    assert document["detail"]
    assert ("retry-after" in answer.headers) == (status in {429, 503})
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_every_kind_in_the_table_was_tried():
    tried = {kind for refusal, _, _ in REFUSALS for kind in type(refusal).__mro__}
    assert {k for k in problems._STATUS if not k.__name__.startswith("_")} <= tried


async def test_facts_stand_beside_the_code_and_say_when_to_come_back():
    shop, till = open_shop()
    till.refusal = errors.Conflict("Gone.", code="seats_taken", seats=["A:1:2"])
    assert (await ask(shop, "GET", "/v1/fail")).json()["seats"] == ["A:1:2"]
    till.refusal = errors.TooMany("Slowly.", retry_after_s=7)
    answer = await ask(shop, "GET", "/v1/fail")
    assert (answer.headers["retry-after"], answer.json()["retry_after_s"]) == ("7", 7)
    till.refusal = errors.Conflict("Busy.", retry_after_s=3)
    assert (await ask(shop, "GET", "/v1/fail")).headers["retry-after"] == "3"
    till.refusal = errors.Unavailable("Away.")
    answer = await ask(shop, "GET", "/v1/fail")
    assert answer.json()["retry_after_s"] == int(answer.headers["retry-after"]) > 0


async def test_every_problem_of_an_input_is_told():
    shop, till = open_shop()
    found = (errors.Problem("/a", "x", "no"), errors.Problem("/b/0", "y", "no"))
    till.refusal = errors.Invalid(found)
    assert (await ask(shop, "GET", "/v1/fail")).pointers == [("/a", "x"), ("/b/0", "y")]


async def test_a_bug_is_told_to_the_log_and_not_to_the_caller():
    shop, till = open_shop()
    till.refusal = ZeroDivisionError("the secret inside")
    with structlog.testing.capture_logs() as lines:
        answer = await ask(shop, "GET", "/v1/fail")
    assert (answer.status, answer.code) == (500, "internal")
    assert b"secret" not in answer.body
    assert any("the secret inside" in str(line.get("fault")) for line in lines)
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["status"], line["code"]) == (500, "internal")


async def test_unknown_addresses_and_methods_are_problems_too():
    shop, _ = open_shop()
    answer = await ask(shop, "GET", "/v1/nothing")
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await ask(shop, "DELETE", "/v1/things")
    assert (answer.status, answer.code) == (405, "method_not_allowed")


async def test_a_parameter_of_the_wrong_kind_is_named():
    shop, _ = open_shop()
    answer = await ask(shop, "GET", "/v1/things?q=abc")
    assert answer.status == 422
    assert answer.pointers == [("?q", "invalid")]
    assert (await ask(shop, "GET", "/v1/things?limit=101")).pointers == [("?limit", "range")]
    assert (await ask(shop, "GET", "/v1/things?limit=0")).pointers == [("?limit", "range")]
    assert (await ask(shop, "GET", "/v1/things?q=5")).json() == {"q": 5, "limit": 25}


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        ({"quantity": True}, "/quantity", "invalid"),
        ({"quantity": "1"}, "/quantity", "invalid"),
        ({"quantity": 1.0}, "/quantity", "invalid"),
        ({"quantity": 2**63}, "/quantity", "invalid"),
        ({"quantity": 9}, "/quantity", "invalid"),
        ({"quantity": 1, "more": 1}, "/more", "unknown_field"),
        ({}, "/quantity", "required"),
        ([], "", "invalid"),
    ],
)
async def test_a_body_is_read_strictly(content, pointer, code):
    shop, till = open_shop()
    answer = await ask(shop, "POST", "/v1/wishes", content=content)
    assert answer.status == 422
    assert answer.pointers == [(pointer, code)]
    assert till.taken == []


async def test_a_good_body_arrives():
    shop, till = open_shop()
    answer = await ask(shop, "POST", "/v1/wishes", content={"quantity": 3})
    assert (answer.status, answer.json()) == (201, {"quantity": 3, "name": ""})
    assert till.taken[0].quantity == 3


async def test_a_missing_body_is_asked_for():
    shop, _ = open_shop()
    answer = await ask(shop, "POST", "/v1/wishes", headers=[("content-type", "application/json")])
    assert answer.status == 422


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/JSON", True),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/jsonp", False),
        ("application/msgpack", False),
        ("", False),
    ],
)
async def test_a_body_must_say_that_it_is_json(kind, taken):
    shop, _ = open_shop()
    answer = await ask(
        shop, "POST", "/v1/wishes", headers=[("content-type", kind)], body=b'{"quantity":1}'
    )
    assert answer.status == (201 if taken else 415)


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_body_is_counted_as_it_arrives(extra):
    shop, _ = open_shop()
    chunks = [b"x" * 65536] * (limits.BODY_BYTES_MAX // 65536) + [b"x" * extra]
    answer = await ask(shop, "POST", "/v1/bodies", chunks=chunks)
    assert answer.status == (413 if extra else 201)
    if extra:
        assert answer.code == "too_large"


async def test_a_length_that_lies_gains_nothing():
    shop, _ = open_shop()
    answer = await ask(
        shop,
        "POST",
        "/v1/bodies",
        headers=[("content-length", "5")],
        chunks=[b"x" * limits.BODY_BYTES_MAX, b"x"],
    )
    assert answer.status == 413


async def test_an_upload_may_be_larger_where_its_route_says_so():
    shop, _ = open_shop()
    body = b"x" * (limits.BODY_BYTES_MAX + 1)
    answer = await ask(shop, "POST", "/v1/uploads", body=body)
    assert answer.json() == {"bytes": len(body)}
    piece = b"x" * (limits.UPLOAD_BYTES_MAX // 4)
    answer = await ask(shop, "POST", "/v1/uploads", chunks=[piece] * 4 + [b"x"])
    assert answer.status == 413


@pytest.mark.parametrize(("coding", "status"), [("gzip", 400), ("br", 400), ("identity", 201)])
async def test_a_compressed_body_is_not_unpacked(coding, status):
    shop, _ = open_shop()
    answer = await ask(
        shop, "POST", "/v1/bodies", headers=[("content-encoding", coding)], body=b"x"
    )
    assert answer.status == status
    if status == 400:
        assert answer.code == "content_encoding"


async def test_a_request_keeps_its_name_or_gets_one():
    shop, _ = open_shop()
    given = "caddy-0123.abc_9"
    answer = await ask(shop, "GET", "/v1/things", headers=[("x-request-id", given)])
    assert answer.headers["x-request-id"] == given
    first = (await ask(shop, "GET", "/v1/things")).headers["x-request-id"]
    second = (await ask(shop, "GET", "/v1/things")).headers["x-request-id"]
    assert first != second
    for bad in ("short", "x" * 65, "a b c d e f", "abcdefgh\n", "abcdefgh\r\nx: y", "ünsicher"):
        answer = await ask(shop, "GET", "/v1/things", headers=[("x-request-id", bad)])
        assert answer.headers["x-request-id"] not in bad


async def test_nothing_is_cached_by_accident():
    shop, _ = open_shop()
    assert (await ask(shop, "GET", "/v1/things")).headers["cache-control"] == "no-store"
    paper = await ask(shop, "GET", "/v1/tickets/t1.pdf")
    assert paper.headers["cache-control"] == "max-age=60"


async def test_an_address_with_a_suffix_reaches_its_handler():
    shop, _ = open_shop()
    assert (await ask(shop, "GET", "/v1/tickets/t1.pdf")).body == b"t1"
    assert (await ask(shop, "GET", "/v1/tickets/t1.exe")).status == 404
    assert (await ask(shop, "GET", "/v1/.pdf")).status == 404


async def test_one_line_tells_a_request_without_its_secrets():
    shop, till = open_shop()
    with structlog.testing.capture_logs(processors=[log.masked]) as lines:
        await ask(shop, "POST", "/v1/wishes", content={"quantity": 3})
        await ask(shop, "PUT", "/v1/links/very-secret-code")
        till.refusal = errors.Conflict("x", code="seats_taken")
        await ask(shop, "GET", "/v1/fail?token=abc")
        await ask(shop, "GET", "/v1/" + "x" * 500)
    assert "abc" not in str(lines)
    assert "very-secret-code" not in str(lines)
    assert [line["event"] for line in lines] == ["request"] * 4
    wish, link, fail, lost = lines
    assert (wish["method"], wish["status"], wish["route"]) == ("POST", 201, "/v1/wishes")
    assert (wish["session_token"], wish["wish"]) == ("…", 3)
    assert wish["service"] == "shop"
    assert wish["ms"] >= 0
    assert link["path"] == "/v1/links/{code:str}"
    assert (fail["code"], fail["path"]) == ("seats_taken", "/v1/fail")
    assert (lost["route"], lost["status"]) == ("unrouted", 404)
    assert len(lost["path"]) == 200


async def test_a_request_is_measured_by_route_and_class():
    shop, _ = open_shop()
    labels = ("/v1/things", "2xx")
    before = telemetry.REQUEST_SECONDS.labels(*labels)._sum.get()
    await ask(shop, "GET", "/v1/things")
    assert telemetry.REQUEST_SECONDS.labels(*labels)._sum.get() > before


async def test_what_is_not_http_passes_through():
    shop, _ = open_shop()
    heard: list[str] = []

    async def receive():
        return {"type": "lifespan.startup"} if not heard else {"type": "lifespan.shutdown"}

    async def send(message):
        heard.append(message["type"])

    await shop({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert heard == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_operators_see_health_readiness_and_metrics():
    found = {"postgres": True, "nats": True}

    async def ready():
        return found

    private = app.private(ready)
    assert (await ask(private, "GET", "/healthz")).body == b"ok"
    answer = await ask(private, "GET", "/readyz")
    assert (answer.status, answer.json()) == (200, found)
    found["nats"] = False
    assert (await ask(private, "GET", "/readyz")).status == HTTPStatus.SERVICE_UNAVAILABLE
    metrics = await ask(private, "GET", "/metrics")
    assert b"seatwright_request_seconds_bucket" in metrics.body
    assert metrics.headers["content-type"].startswith("text/plain")


async def test_the_description_names_every_route_as_the_outside_writes_it():
    shop, _ = open_shop()
    answer = await ask(shop, "GET", "/v1/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == "1.2.3"
    assert {"/v1/wishes", "/v1/things", "/v1/tickets/{ticket}.pdf"} <= set(document["paths"])
    assert "/v1/openapi.json" not in document["paths"]
    assert "public" in answer.headers["cache-control"]
    paper = document["paths"]["/v1/tickets/{ticket}.pdf"]["get"]["responses"]["200"]
    assert paper["headers"]["ETag"]["schema"] == {"type": "string"}
    body = document["paths"]["/v1/wishes"]["post"]["requestBody"]
    assert "Wish" in json.dumps(body)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (ClientException("no"), 422, "invalid"),
        (HTTPException(status_code=413), 413, "too_large"),
        (HTTPException(detail="odd", status_code=418), 400, "refused"),
        (ValidationException("bad"), 422, "invalid"),
        (ValidationException("bad", extra=[{"key": "x", "message": "no"}]), 422, "invalid"),
        (ValidationException("bad", extra={"key": "x"}), 422, "invalid"),
    ],
)
async def test_what_the_framework_refuses_is_a_problem_like_any_other(fault, status, code):
    shop, till = open_shop()
    till.refusal = fault
    answer = await ask(shop, "GET", "/v1/fail")
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
