"""Somebody becomes a person when they follow the link, and not before."""

import asyncio

import pytest

from seatwright.kit import ids
from tests.integration.accounts.house import PASSWORD, PUBLIC_URL, House


def wish(email: str, **more: object) -> dict[str, object]:
    return {"email": email, "password": PASSWORD, "name": "Ada", **more}


def fresh() -> str:
    return f"{ids.short_id()}@example.com"


async def test_a_registered_person_logs_in_after_following_the_link(house: House) -> None:
    email, browser = fresh(), house.browser()
    answer = await browser.post("/v1/accounts", wish(email, language="de", marketing_consent=True))
    assert (answer.status_code, answer.json()) == (202, {"status": "check_your_mail"})
    (letter,) = await house.letters(email)
    assert letter["kind"] == "mail"
    assert letter["template"] == "verify_email"
    assert letter["language"] == "de"
    assert letter["values"]["link"].startswith(f"{PUBLIC_URL}/account/verify-email#token=")

    assert (await browser.log_in(email)).status_code == 401, "nothing is proven yet"
    done = await browser.put(f"/v1/email-verifications/{await house.link(email)}")
    assert (done.status_code, done.json()) == (200, {"email": email})
    assert (await browser.log_in(email)).status_code == 201
    me = (await browser.get("/v1/me")).json()
    assert (me["email"], me["name"], me["language"]) == (email, "Ada", "de")
    assert me["marketing_consent"] is True
    assert me["organisations"] == []


async def test_an_address_in_use_gets_the_same_answer_and_its_owner_a_mail(house: House) -> None:
    known, unknown = await house.person(), fresh()
    one = await house.browser().post("/v1/accounts", wish(known))
    other = await house.browser().post("/v1/accounts", wish(unknown))
    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert comparable(one.headers) == comparable(other.headers)
    letter = (await house.letters(known))[-1]
    assert letter["template"] == "address_in_use"
    assert "#token=" not in letter["values"]["link"]
    rows = await house.admin.fetchval(
        "SELECT count(*) FROM accounts.people WHERE email_key = $1", known
    )
    assert rows == 1


def comparable(headers: object) -> dict[str, str]:
    return {k: v for k, v in dict(headers).items() if k not in {"x-request-id", "date"}}  # type: ignore[call-overload]


async def test_an_unproven_registration_takes_the_address_from_nobody(house: House) -> None:
    email = fresh()
    thief, owner = house.browser(), house.browser()
    await thief.post("/v1/accounts", wish(email, password="a thief's very long password"))
    await owner.post("/v1/accounts", wish(email))
    assert (await owner.put(f"/v1/email-verifications/{await house.link(email)}")).is_success
    assert (await owner.log_in(email)).status_code == 201
    stolen = await thief.log_in(email, "a thief's very long password")
    assert stolen.status_code == 401


async def test_a_followed_link_answers_the_same_again_and_the_others_have_ended(
    house: House,
) -> None:
    email, browser = fresh(), house.browser()
    await browser.post("/v1/accounts", wish(email))
    first = await house.link(email)
    asked = await browser.post("/v1/email-verifications", {"email": email})
    assert asked.status_code == 202
    second = await house.link(email)
    assert first != second
    answers = await asyncio.gather(
        *(browser.put(f"/v1/email-verifications/{second}") for _ in range(5))
    )
    assert {a.status_code for a in answers} == {200}
    assert (await browser.put(f"/v1/email-verifications/{first}")).status_code in {200, 410}
    assert (
        await house.admin.fetchval(
            "SELECT count(*) FROM accounts.people WHERE email_key = $1", email
        )
        == 1
    )
    # Asking again tells nobody that there is an account now.
    before = len(await house.letters(email))
    again = await browser.post("/v1/email-verifications", {"email": email})
    assert (again.status_code, again.content) == (asked.status_code, asked.content)
    assert len(await house.letters(email)) == before


async def test_an_expired_or_unknown_link_proves_nothing(house: House) -> None:
    email, browser = fresh(), house.browser()
    await browser.post("/v1/accounts", wish(email))
    secret = await house.link(email)
    await house.admin.execute(
        "UPDATE accounts.links SET expires_at = clock_timestamp() WHERE email_key = $1", email
    )
    ended = await browser.put(f"/v1/email-verifications/{secret}")
    assert (ended.status_code, ended.json()["code"]) == (410, "link_ended")
    unknown = await browser.put(f"/v1/email-verifications/{secret[:-1]}%01")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "link_unknown")
    assert (await browser.log_in(email)).status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"password": "too short"}, "/password", "too_short"),
        ({"password": "passwordpassword"}, "/password", "too_common"),
        ({"password": "x1Zq!" * 60}, "/password", "too_long"),
        ({"email": "no address"}, "/email", "invalid"),
        ({"email": "Ada <ada@example.com>"}, "/email", "invalid"),
        ({"email": "a@b"}, "/email", "invalid"),
        ({"email": '"quoted"@example.com'}, "/email", "invalid"),
        ({"email": "ada@example.com\r\nBcc: x@example.com"}, "/email", "invalid"),
        ({"name": "Ada\r\nBcc: x"}, "/name", "invalid"),
        ({"name": "A\x01da"}, "/name", "invalid"),
        ({"name": ""}, "/name", "invalid"),
        ({"language": "klingon"}, "/language", "invalid"),
        ({"marketing_consent": "yes"}, "/marketing_consent", "invalid"),
        ({"is_admin": True}, "/is_admin", "unknown_field"),
        ({"role": "owner"}, "/role", "unknown_field"),
    ],
)
async def test_what_cannot_be_registered_is_refused_by_field(
    house: House, change: dict[str, object], pointer: str, code: str
) -> None:
    answer = await house.browser().post("/v1/accounts", wish(fresh()) | change)
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["errors"]
    assert (problem["pointer"], problem["code"]) == (pointer, code)


async def test_broken_text_is_refused_without_a_fault(house: House) -> None:
    browser = house.browser()
    headers = {"content-type": "application/json", "x-forwarded-for": browser.ip}
    for raw in (
        b'{"email":"a@example.com","name":"\\ud800","password":"four muddy boots by the door"}',
        b'{"email":"a@example.com","name":"Ada","password":"\\udfff muddy boots by the door"}',
        b'{"email":"\\ud800@example.com","name":"A","password":"four muddy boots by the door"}',
        b'{"email":"\xff@example.com"}',
        b"[]",
        b"null",
        b"",
    ):
        answer = await browser.client.post("/v1/accounts", content=raw, headers=headers)
        assert 400 <= answer.status_code < 500, (raw, answer.text)


async def test_addresses_are_one_whatever_their_case(house: House) -> None:
    email = await house.person()
    shouted = email.upper()
    assert (await house.browser().log_in(shouted)).status_code == 201
    await house.browser().post("/v1/accounts", wish(shouted))
    assert (await house.letters(email))[-1]["template"] == "address_in_use"
