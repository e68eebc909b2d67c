"""A session is begun by a password, belongs to one person, and ends when they say so."""

import asyncio

import pytest

from seatwright.accounts.adapters.hashing import Hasher
from seatwright.accounts.domain import lifetimes
from seatwright.accounts.domain.roles import Role
from seatwright.kit import ids
from tests.integration.accounts.house import PASSWORD, Browser, House


async def who(browser: Browser, **headers: str) -> int:
    return (await browser.get("/v1/me", **headers)).status_code


def only_cookie(browser: Browser) -> str:
    (value,) = [cookie.value for cookie in browser.client.cookies.jar]
    assert value
    return value


async def test_log_in_says_nothing_about_why_it_was_refused(house: House) -> None:
    known = await house.person()
    unproven = f"{ids.short_id()}@example.com"
    registration = {"email": unproven, "password": PASSWORD, "name": "A"}
    await house.browser().post("/v1/accounts", registration)
    answers = [
        await house.browser().log_in(known, "not the right password"),
        await house.browser().log_in(f"{ids.short_id()}@example.com"),
        await house.browser().log_in(unproven),
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.content for a in answers}) == 1
    assert answers[0].json()["code"] == "wrong_credentials"
    names = [[k for k in a.headers if k != "x-request-id"] for a in answers]
    assert names[0] == names[1] == names[2]


async def test_the_cookie_is_bound_to_host_and_scheme(house: House) -> None:
    email = await house.person()
    plain = await house.browser().log_in(email)
    assert plain.headers["set-cookie"].startswith("session=")
    assert "secure" not in plain.headers["set-cookie"].lower()
    tls = house.browser(base="https://shop.example.com")
    for browser, headers in (
        (tls, {}),
        (house.browser(base="http://shop.example.com"), {"x-forwarded-proto": "https"}),
        (house.browser(base="http://shop.example.com"), {}),
        (house.browser(base="http://localhost"), {"x-forwarded-proto": "https"}),
    ):
        body = {"email": email, "password": PASSWORD}
        answer = await browser.post("/v1/sessions", body, **headers)
        cookie = answer.headers["set-cookie"].lower()
        assert cookie.startswith("__host-session=")
        for flag in ("secure", "httponly", "samesite=lax", "path=/", "max-age=2592000"):
            assert flag in cookie
        assert "domain" not in cookie
    assert await who(tls) == 200
    assert (await tls.post("/v1/sessions", {"email": email, "password": "x"})).status_code == 401
    answer = await tls.log_in(email)
    assert answer.json()["email"] == email
    assert only_cookie(tls) not in answer.text


async def test_logging_in_again_ends_the_session_before(house: House) -> None:
    email = await house.person()
    browser = await house.logged_in(email)
    before = only_cookie(browser)
    assert (await browser.log_in(email)).status_code == 201
    assert only_cookie(browser) != before
    assert await who(browser) == 200
    old = house.browser()
    old.client.cookies.set("session", before)
    assert await who(old) == 401


async def test_a_planted_session_secret_is_never_taken_over(house: House) -> None:
    email, browser = await house.person(), house.browser()
    browser.client.cookies.set("session", "planted-by-somebody")
    answer = await browser.log_in(email)
    assert "planted" not in answer.headers["set-cookie"]
    planted = house.browser()
    planted.client.cookies.set("session", "planted-by-somebody")
    assert await who(planted) == 401


async def test_sessions_are_listed_and_ended_by_their_person_alone(house: House) -> None:
    email = await house.person()
    phone, laptop = await house.logged_in(email), await house.logged_in(email)
    stranger = await house.logged_in()
    listed = (await phone.get("/v1/sessions")).json()
    assert listed["next"] is None
    assert [item["current"] for item in listed["items"]] == [False, True]
    laptops = listed["items"][0]["id"]
    for path in (f"/v1/sessions/{laptops}", "/v1/sessions/nobody", "/v1/sessions/%01%27"):
        refused = await stranger.delete(path)
        assert (refused.status_code, refused.json()["code"]) == (404, "session_not_found")
    assert await who(laptop) == 200
    assert (await phone.delete(f"/v1/sessions/{laptops}")).status_code == 204
    assert await who(laptop) == 401
    assert (await phone.delete(f"/v1/sessions/{laptops}")).status_code == 404


async def test_logging_out_ends_the_session_on_the_server(house: House) -> None:
    browser = await house.logged_in()
    stolen = house.browser()
    stolen.client.cookies.set("session", only_cookie(browser))
    assert await who(stolen) == 200
    gone = await browser.delete("/v1/sessions/current")
    assert gone.status_code == 204
    assert "max-age=0" in gone.headers["set-cookie"].lower()
    assert await who(stolen) == 401
    assert (await browser.delete("/v1/sessions/current")).status_code == 204


async def test_logging_out_everywhere_spares_nothing(house: House) -> None:
    email = await house.person()
    browsers = [await house.logged_in(email) for _ in range(3)]
    assert (await browsers[0].delete("/v1/sessions")).status_code == 204
    assert [await who(browser) for browser in browsers] == [401, 401, 401]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_another_site_changes_nothing_in_a_persons_name(
    house: House, headers: dict[str, str]
) -> None:
    browser = await house.logged_in()
    for method, path, body in (
        ("DELETE", "/v1/sessions", None),
        ("DELETE", "/v1/sessions/current", None),
        ("PATCH", "/v1/me", {"name": "Mallory"}),
        ("DELETE", "/v1/me", {"password": PASSWORD}),
        ("POST", "/v1/sessions", {"email": "a@example.com", "password": "x"}),
    ):
        refused = await browser.call(method, path, body, **headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "cross_site"), path
    assert (await browser.get("/v1/me")).json()["name"] != "Mallory"
    assert (
        await browser.patch("/v1/me", {"name": "Ada"}, **{"sec-fetch-site": "same-origin"})
    ).is_success


async def test_a_body_that_is_not_called_json_is_not_read(house: House) -> None:
    browser = house.browser()
    answer = await browser.client.post(
        "/v1/sessions", content=b"{}", headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 415


async def test_staff_sessions_end_when_idle_and_after_a_working_day(house: House) -> None:
    _, staff = await house.appointed(Role.GATE, "org-idle")
    buyer = await house.logged_in()
    for column, age in (("last_seen_at", "31 minutes"), ("created_at", "13 hours")):
        assert await who(staff) == 200
        await house.admin.execute(
            f"UPDATE accounts.sessions SET {column} = clock_timestamp() - interval '{age}'"
        )
        house.desk.recogniser._known.clear()
        assert await who(staff) == 401, column
        assert await who(buyer) == 200, column
        await house.admin.execute(
            "UPDATE accounts.sessions "
            "SET created_at = clock_timestamp(), last_seen_at = clock_timestamp()"
        )
        house.desk.recogniser._known.clear()
    await house.admin.execute(
        "UPDATE accounts.sessions SET created_at = clock_timestamp() - interval '31 days'"
    )
    house.desk.recogniser._known.clear()
    assert await who(buyer) == 401


async def test_use_keeps_a_session_from_being_idle(house: House) -> None:
    _, staff = await house.appointed(Role.GATE, "org-use")
    aged = "UPDATE accounts.sessions SET last_seen_at = clock_timestamp() - interval '20 minutes'"
    await house.admin.execute(aged)
    assert await who(staff) == 200
    await house.desk.recogniser.flush()
    oldest = await house.admin.fetchval(
        "SELECT extract(epoch FROM clock_timestamp() - max(last_seen_at)) FROM accounts.sessions"
    )
    assert oldest < 60


async def test_a_revocation_elsewhere_is_felt_within_five_seconds(house: House) -> None:
    browser = await house.logged_in()
    assert await who(browser) == 200
    started = asyncio.get_running_loop().time()
    await house.admin.execute("DELETE FROM accounts.sessions")  # as another process would
    while await who(browser) == 200:
        assert asyncio.get_running_loop().time() - started < 5
        await asyncio.sleep(0.1)


async def test_no_more_sessions_are_kept_than_anybody_has_devices(house: House) -> None:
    email = await house.person()
    first = await house.logged_in(email)
    person = await house.admin.fetchval(
        "SELECT id FROM accounts.people WHERE email_key = $1", email
    )
    await house.admin.execute(
        "INSERT INTO accounts.sessions (id, secret_hash, person, device, created_at) "
        "SELECT 'filler' || $1 || n, sha256(($1 || n)::bytea), $1, '', "
        "clock_timestamp() - interval '1 hour' FROM generate_series(1, $2) n",
        person,
        lifetimes.SESSIONS_PER_PERSON_MAX,
    )
    await house.logged_in(email)
    count = "SELECT count(*) FROM accounts.sessions WHERE person = $1"
    assert await house.admin.fetchval(count, person) == lifetimes.SESSIONS_PER_PERSON_MAX
    assert await who(first) == 200, "the newest stay"


async def test_a_hash_of_older_parameters_is_made_anew(house: House) -> None:
    email = await house.person()
    weak = Hasher(memory_kib=1024, passes=1)
    old = await weak.hash(PASSWORD)
    weak.close()
    await house.admin.execute(
        "UPDATE accounts.people SET password_hash = $1 WHERE email_key = $2", old, email
    )
    assert (await house.browser().log_in(email)).status_code == 201
    new = await house.admin.fetchval(
        "SELECT password_hash FROM accounts.people WHERE email_key = $1", email
    )
    assert new.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await house.browser().log_in(email)).status_code == 201


async def test_a_refused_log_in_is_written_down_without_the_address_it_came_from(
    house: House,
) -> None:
    email, browser = await house.person(), house.browser(ip="203.0.113.77")
    await browser.log_in(email, "not the right password")
    row = await house.admin.fetchrow(
        "SELECT actor, action, person, ip_hash FROM accounts.audit ORDER BY id DESC LIMIT 1"
    )
    assert row is not None
    assert (row["actor"], row["action"]) == ("guest", "log_in_refused")
    assert row["person"] is not None
    assert row["ip_hash"]
    assert "203" not in row["ip_hash"]
