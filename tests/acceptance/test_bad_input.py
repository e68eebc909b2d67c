"""Every address, given everything it does not want: a refusal with a code, never a 5xx."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from seatwright.contracts.catalog import OrganisationId
from tests.acceptance.house import HOUSE, House
from tests.acceptance.shop import Answer, Gala, Organiser, Shop, new_key
from tests.acceptance.test_people import logged_in

pytestmark = pytest.mark.mode("all")
WRITES = ("post", "put", "patch")
TEN_MEGABYTES = b'{"a":"' + b"x" * (10 * 1024 * 1024) + b'"}'
# An address that takes charts reads more than others; a chart of one endless string is refused
# for what it says, not for its length.
TOO_LARGE = {413, 422}
BROKEN = {
    "half an object": b'{"hold_token": "abc',
    "no JSON at all": b"\x00\x01\x02 hello",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "an array": b"[]",
    "a number": b"1",
    "null": b"null",
    "nothing": b"",
    "deeper than anybody": b"[" * 5000 + b"]" * 5000,
    "one key twice": b'{"email": "a@example.com", "email": "b@example.com"}',
    "infinity": b'{"quantity": 1e999}',
    "lone surrogate": b'{"name": "\\ud800"}',
}
EXAMPLES = 4
# The same requests every time, unless somebody names another seed to look further.
SEED = os.environ.get("SEATWRIGHT_SEED")
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CHECKS = (
    "not_a_server_error",
    "negative_data_rejection",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# What would end the buyer's own session or account in the middle of the run.
NOT_FOR_BUYERS = r"^/v1/(sessions.*|me|me/export|password-resets.*|email-verifications.*|accounts)$"


def writing(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Every address that takes a body."""
    return [
        (method, path)
        for path, item in document["paths"].items()
        for method in item
        if method in WRITES
    ]


def filled(path: str, gala: Gala) -> str:
    """The address with something in its braces; ours where the name tells what it is."""
    known = {"org": HOUSE, "organisation": HOUSE, "event_id": gala.id, "gateway": "simulated"}
    return re.sub(r"\{(\w+)\}", lambda part: known.get(part[1], "01k854a79u6io0io"), path)


async def test_a_body_of_ten_megabytes_is_refused_everywhere(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    document = (await shop.get("/v1/openapi.json")).ok()
    api = house.direct(house.apis()[0])
    for method, path in writing(document):
        for base in (house.base, api):
            client = organiser.shop.at(base)
            answer = await client.ask(
                method.upper(), filled(path, gala), TEN_MEGABYTES,
                Content_Type="application/json", Idempotency_Key=new_key(),
            )  # fmt: skip
            said = f"{method} {path} at {base}: {answer.status} {answer.raw[:200]!r}"
            # A refusal may come while the body is still being sent: the line is then cut.
            if answer.status == 0 and base == house.base:
                continue
            assert answer.status in TOO_LARGE or is_refusal(answer), said


async def test_broken_json_is_refused_everywhere_with_a_code(
    shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    document = (await shop.get("/v1/openapi.json")).ok()
    found = []
    for method, path in writing(document):
        takes_body = "requestBody" in document["paths"][path][method]
        for what, body in BROKEN.items():
            for client in (shop, organiser.shop):
                answer = await client.ask(
                    method.upper(), filled(path, gala), body,
                    Content_Type="application/json", Idempotency_Key=new_key(),
                )  # fmt: skip
                fine = is_refusal(answer) if takes_body else answer.status < 500
                if not fine:
                    found.append(f"{method} {path}, {what}: {answer.status} {answer.raw[:120]!r}")
    assert found == []


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
async def test_only_json_is_read(shop: Shop, gala: Gala, kind: str) -> None:
    body = json.dumps({"event_id": gala.id, "seats": gala.row(0)[:1]}).encode()
    answer = await shop.post("/v1/holds", body, Content_Type=kind)
    answer.problem(415, "unsupported_media_type")


async def test_other_peoples_ids_do_not_exist(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    assert house.logins is not None
    rival = house.logins.api_tokens[OrganisationId("acceptance-rival")]
    foreign = shop.with_headers(Authorization=f"Bearer {rival}")
    document = (await shop.get("/v1/openapi.json")).ok()
    paths = [path for path in document["paths"] if re.match(r"/v1/organisations/\{\w+\}", path)]
    assert len(paths) > 10
    for path in paths:
        for method in document["paths"][path]:
            body = b"{}" if method in WRITES else None
            answer = await foreign.ask(
                method.upper(), filled(path, gala), body, Content_Type="application/json"
            )
            assert answer.status in {403, 404, 415, 422}, f"{method} {path}: {answer}"
            assert is_refusal(answer)
    mine = await organiser.shop.get(f"{organiser.root}/events/{gala.id}")
    assert mine.ok()["id"] == gala.id


@pytest.mark.parametrize("who", ["anonymous", "buyer", "organiser"])
async def test_generated_requests_are_answered_as_the_document_says(
    house: House, shop: Shop, organiser: Organiser, gala: Gala, who: str, tmp_path: Path
) -> None:
    words: list[str] = []
    if who == "buyer":
        person = await logged_in(house, shop, f"{gala.id}@example.org")
        words = ["-H", f"Cookie: {person.headers['Cookie']}"]
        words += ["--exclude-path-regex", NOT_FOR_BUYERS]
    if who == "organiser":
        words = ["-H", f"Authorization: Bearer {organiser.token}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION),
        "run", f"{house.base}/v1/openapi.json",
        "--phases", "examples,coverage,fuzzing", "--mode", "all", "--checks", ",".join(CHECKS),
        "--max-examples", str(EXAMPLES), "--no-shrink", "--continue-on-failure",
        *(["--seed", SEED] if SEED else ["--generation-deterministic"]),
        "--suppress-health-check", "all", "--warnings", "off", "--no-color",
        "--request-timeout", "30", *words,
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    report = said.decode()
    assert process.returncode == 0, report[-6000:]
    # A run that looked at nothing is green too.
    counts = re.search(r"Selected: *(\d+)/(\d+)\s+Tested: *(\d+)", report)
    assert counts is not None, report[-1000:]
    selected, known, tested = map(int, counts.groups())
    assert tested == selected >= (known * 3 // 4 if who == "buyer" else known)
    for name in house.apis():
        assert [line for line in house.lines(name) if line["event"] == "request_fault"] == []


def is_refusal(answer: Answer) -> bool:
    """4xx, a problem document, a stable code."""
    kind = answer.headers.get("Content-Type", "")
    return (
        400 <= answer.status < 500
        and kind.startswith("application/problem+json")
        and bool(answer.code)
        and answer.body["status"] == answer.status
    )
