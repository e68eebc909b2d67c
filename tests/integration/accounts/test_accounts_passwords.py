"""A forgotten password is replaced once, by whoever reads the mail, within half an hour."""

import asyncio

from seatwright.accounts.service import reset_password
from seatwright.accounts.service.desk import Visitor
from seatwright.kit import ids
from tests.integration.accounts.house import PASSWORD, PUBLIC_URL, House

NEW = "a wholly different sentence"


async def asked(house: House, email: str) -> str:
    answer = await house.browser().post("/v1/password-resets", {"email": email})
    assert (answer.status_code, answer.json()) == (202, {"status": "check_your_mail"})
    letter = (await house.letters(email))[-1]
    assert letter["template"] == "password_reset"
    return await house.link(email)


async def test_a_reset_sets_the_password_and_ends_every_session(house: House) -> None:
    email = await house.person()
    before = await house.logged_in(email)
    assert (await before.get("/v1/me")).is_success
    secret = await asked(house, email)
    done = await house.browser().put(f"/v1/password-resets/{secret}", {"password": NEW})
    assert done.status_code == 204
    assert (await before.get("/v1/me")).status_code == 401
    assert (await house.browser().log_in(email)).status_code == 401
    assert (await house.browser().log_in(email, NEW)).status_code == 201


async def test_asking_tells_nobody_whether_the_address_has_an_account(house: House) -> None:
    known = await house.browser().post("/v1/password-resets", {"email": await house.person()})
    nobody = f"{ids.short_id()}@example.com"
    unknown = await house.browser().post("/v1/password-resets", {"email": nobody})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert await house.letters(nobody) == []


async def test_the_link_leads_to_us_whatever_host_was_named(house: House) -> None:
    email = await house.person()
    browser = house.browser(base="http://evil.example")
    await browser.post("/v1/password-resets", {"email": email}, **{"x-forwarded-host": "evil"})
    link = (await house.letters(email))[-1]["values"]["link"]
    assert link.startswith(f"{PUBLIC_URL}/account/reset-password#token=")


async def test_a_link_is_used_once_also_by_ten_at_the_same_time(house: House) -> None:
    email = await house.person()
    secret = await asked(house, email)
    answers = await asyncio.gather(
        *(
            house.browser().put(f"/v1/password-resets/{secret}", {"password": f"{NEW} {n}"})
            for n in range(10)
        )
    )
    codes = sorted(a.status_code for a in answers)
    assert codes == [204] + [410] * 9
    winner = next(n for n, a in enumerate(answers) if a.status_code == 204)
    assert (await house.browser().log_in(email, f"{NEW} {winner}")).status_code == 201


async def test_an_expired_link_is_refused(house: House) -> None:
    email = await house.person()
    secret = await asked(house, email)
    ends = await house.admin.fetchval(
        "SELECT extract(epoch FROM expires_at - made_at) FROM accounts.links "
        "WHERE email_key = $1 AND purpose = 'reset_password'",
        email,
    )
    assert 1799 <= ends <= 1801
    await house.admin.execute(
        "UPDATE accounts.links SET expires_at = clock_timestamp() WHERE email_key = $1", email
    )
    late = await house.browser().put(f"/v1/password-resets/{secret}", {"password": NEW})
    assert (late.status_code, late.json()["code"]) == (410, "link_ended")
    assert (await house.browser().log_in(email)).status_code == 201


async def test_a_link_for_something_else_resets_nothing(house: House) -> None:
    email = f"{ids.short_id()}@example.com"
    body = {"email": email, "password": PASSWORD, "name": "A"}
    await house.browser().post("/v1/accounts", body)
    secret = await house.link(email)
    for wrong in (secret, "x", "x" * 5000, "%01"):
        answer = await house.browser().put(f"/v1/password-resets/{wrong}", {"password": NEW})
        assert (answer.status_code, answer.json()["code"]) == (404, "link_unknown")


async def test_a_refused_password_leaves_the_link_good(house: House) -> None:
    email = await house.person(name="Bartholomew Featherstonehaugh")
    secret = await asked(house, email)
    for weak in ("short", "bartholomew2024!!!", "bartholomew featherstonehaugh"):
        answer = await house.browser().put(f"/v1/password-resets/{secret}", {"password": weak})
        assert answer.status_code == 422, weak
    done = await house.browser().put(f"/v1/password-resets/{secret}", {"password": NEW})
    assert done.status_code == 204


async def test_a_reset_voids_every_other_link(house: House) -> None:
    email = await house.person()
    first, second = await asked(house, email), await asked(house, email)
    assert (
        await house.browser().put(f"/v1/password-resets/{second}", {"password": NEW})
    ).status_code == 204
    late = await house.browser().put(f"/v1/password-resets/{first}", {"password": NEW})
    assert late.status_code in {404, 410}


async def test_no_session_of_the_old_password_survives_a_reset_at_the_same_time(
    house: House,
) -> None:
    for _ in range(5):
        email = await house.person()
        secret = await asked(house, email)
        browsers = [house.browser() for _ in range(3)]
        await asyncio.gather(
            *(browser.log_in(email) for browser in browsers),
            reset_password.reset(house.desk, Visitor(ip="10.9.9.9"), secret, NEW),
        )
        left = await house.admin.fetchval(
            "SELECT count(*) FROM accounts.sessions s JOIN accounts.people p ON p.id = s.person "
            "WHERE p.email_key = $1",
            email,
        )
        assert left == 0


async def test_spellings_of_one_password_are_one_password(house: House) -> None:
    email = await house.person()
    secret = await asked(house, email)
    composed, decomposed = "vier schöne grüne Stühle", "vier scho\u0308ne gru\u0308ne Stu\u0308hle"
    assert composed != decomposed
    await house.browser().put(f"/v1/password-resets/{secret}", {"password": decomposed})
    assert (await house.browser().log_in(email, composed)).status_code == 201
    assert (await house.browser().log_in(email, composed.lower())).status_code == 401


async def test_the_secret_of_a_link_is_stored_nowhere(house: House) -> None:
    email = await house.person()
    secret = await asked(house, email)
    for table in ("links", "audit", "registrations", "people", "sessions"):
        rows = await house.admin.fetch(f"SELECT t::text AS line FROM accounts.{table} t")
        assert all(secret not in row["line"] for row in rows), table
        assert all(PASSWORD not in row["line"] for row in rows), table
