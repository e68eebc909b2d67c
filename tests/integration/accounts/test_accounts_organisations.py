"""Who may do what for an organisation: members by role, machines by token."""

import asyncio
from datetime import timedelta

import pytest

from seatwright.accounts.domain import emails
from seatwright.accounts.domain.people import MemberId
from seatwright.accounts.domain.roles import SCOPES, SCOPES_OF, Role
from seatwright.accounts.service import members
from seatwright.accounts.service.demo import load_demo
from seatwright.accounts.service.desk import Visitor
from seatwright.accounts.service.privacy import LastOwner
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import clock, ids
from tests.integration.accounts.house import Browser, House


def fresh(prefix: str) -> str:
    return f"{prefix}-{ids.short_id()}"


async def token(owner: Browser, org: str, *scopes: str, **more: object) -> str:
    body = {"name": "machine", "scopes": list(scopes), **more}
    made = await owner.post(f"/v1/organisations/{org}/tokens", body)
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


async def asks(house: House, text: str) -> tuple[int, dict[str, object]]:
    answer = await house.browser().get("/v1/me", authorization=f"Bearer {text}")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("role", list(Role))
async def test_me_lists_organisations_with_role_and_scopes(house: House, role: Role) -> None:
    org = fresh("org")
    _, browser = await house.appointed(role, org)
    (found,) = (await browser.get("/v1/me")).json()["organisations"]
    assert found == {"id": org, "role": str(role), "scopes": sorted(SCOPES_OF[role])}


async def test_a_stranger_finds_no_organisation(house: House) -> None:
    org = fresh("org")
    email, _ = await house.appointed(Role.OWNER, org)
    _, stranger = await house.appointed(Role.OWNER, fresh("other"))
    _, gate = await house.appointed(Role.GATE, org)
    for browser in (stranger, gate):
        for method, path, body in (
            ("GET", "members", None),
            ("POST", "members", {"email": "x@example.com", "role": "owner"}),
            ("DELETE", f"members/{ids.sortable_id()}", None),
            ("GET", "tokens", None),
            ("POST", "tokens", {"name": "x", "scopes": ["entry:scan"]}),
            ("DELETE", f"tokens/{ids.sortable_id()}", None),
        ):
            there = await browser.call(method, f"/v1/organisations/{org}/{path}", body)
            nowhere = await browser.call(method, f"/v1/organisations/no-such/{path}", body)
            assert there.status_code == nowhere.status_code == 404
            assert there.content == nowhere.content
            assert email not in there.text
    for odd in ("%01", "%27", "..%2f", "x" * 3000):
        answer = await stranger.get(f"/v1/organisations/{odd}/tokens")
        assert answer.status_code == 404, odd


async def test_an_owner_appoints_and_dismisses(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    email = await house.person()
    helper = await house.logged_in(email)
    path = f"/v1/organisations/{org}/members"
    made = await owner.post(path, {"email": email.upper(), "role": "box_office"})
    assert made.status_code == 201
    again = await owner.post(path, {"email": email, "role": "box_office"})
    assert again.json() == made.json()
    assert (await helper.get("/v1/me")).status_code == 401, "other rights, another session"
    await helper.log_in(email)
    assert (await helper.get("/v1/me")).json()["organisations"][0]["role"] == "box_office"
    changed = await owner.post(path, {"email": email, "role": "gate"})
    assert (changed.json()["id"], changed.json()["role"]) == (made.json()["id"], "gate")
    assert (await owner.delete(f"{path}/{made.json()['id']}")).status_code == 204
    await helper.log_in(email)
    assert (await helper.get("/v1/me")).json()["organisations"] == []
    assert (await owner.delete(f"{path}/{made.json()['id']}")).status_code == 404
    assert (await owner.post(path, {"email": email, "role": "admin"})).status_code == 422
    lines = await house.admin.fetch(
        "SELECT action FROM accounts.audit WHERE organisation = $1 ORDER BY id", org
    )
    assert [line["action"] for line in lines] == [
        "appointed_owner",
        "appointed_box_office",
        "appointed_gate",
        "dismissed",
    ]


async def test_somebody_without_an_account_is_appointed_all_the_same(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    email = f"{ids.short_id()}@example.com"
    known = await owner.post(
        f"/v1/organisations/{org}/members", {"email": await house.person(), "role": "gate"}
    )
    unknown = await owner.post(f"/v1/organisations/{org}/members", {"email": email, "role": "gate"})
    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()
    await house.person(email=email)
    browser = await house.logged_in(email)
    assert (await browser.get("/v1/me")).json()["organisations"][0]["role"] == "gate"


async def test_the_last_owner_stays_also_when_two_dismiss_each_other(house: House) -> None:
    visitor, held = Visitor(actor="test", ip="10.0.0.1"), SCOPES_OF[Role.OWNER]

    async def two_owners() -> tuple[OrganisationId, list[MemberId]]:
        org = OrganisationId(fresh("org"))
        owners = [
            await members.appoint(
                house.desk,
                visitor,
                org,
                emails.read(f"{ids.short_id()}@example.com"),
                Role.OWNER,
                held=held,
            )
            for _ in range(2)
        ]
        return org, [owner.id for owner in owners]

    for _ in range(20):
        org, both = await two_owners()
        outcomes = await asyncio.gather(
            *(members.dismiss(house.desk, visitor, org, one, held=held) for one in both),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [LastOwner]
        count = "SELECT count(*) FROM accounts.members WHERE organisation = $1"
        assert await house.admin.fetchval(count, org) == 1


async def test_nobody_gives_what_they_lack(house: House) -> None:
    org = fresh("org")
    _, manager = await house.appointed(Role.MANAGER, org)
    refused = await manager.post(
        f"/v1/organisations/{org}/tokens", {"name": "x", "scopes": ["members:write"]}
    )
    assert refused.status_code == 422
    machine = await token(manager, org, "tokens:write", "orders:read")
    bearer = {"authorization": f"Bearer {machine}"}
    path = f"/v1/organisations/{org}/tokens"
    for scopes in (["orders:write"], ["tokens:write"], ["orders:read", "catalog:read"]):
        refused = await house.browser().post(path, {"name": "x", "scopes": scopes}, **bearer)
        assert (refused.status_code, refused.json()["code"]) == (403, "beyond_your_rights")
    body = {"name": "child", "scopes": ["orders:read"]}
    child = (await house.browser().post(path, body, **bearer)).json()["token"]
    assert (await asks(house, child))[0] == 200
    # Also when it was made while its maker was being revoked, by another process.
    await house.admin.execute(
        "UPDATE accounts.tokens SET revoked_at = now(), revoked_by = 'x' "
        "WHERE organisation = $1 AND name = 'machine'",
        org,
    )
    house.desk.recogniser._known.clear()
    assert (await asks(house, child))[0] == 401
    await house.admin.execute(
        "UPDATE accounts.tokens SET revoked_at = NULL, revoked_by = NULL WHERE organisation = $1",
        org,
    )
    assert (await asks(house, child))[0] == 200
    listed = (await manager.get(path)).json()["items"]
    parent = next(item["id"] for item in listed if item["name"] == "machine")
    assert (await manager.delete(f"{path}/{parent}")).status_code == 204
    assert (await asks(house, child))[0] == 401, "it falls together with what made it"


async def test_a_token_is_its_scopes_in_its_organisation(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    text = await token(owner, org, "entry:scan")
    assert text.startswith("sw_")
    status, me = await asks(house, text)
    assert status == 200
    assert me["kind"] == "token"
    assert me["email"] is None
    assert me["organisations"] == [{"id": org, "role": None, "scopes": ["entry:scan"]}]
    bearer = {"authorization": f"Bearer {text}"}
    for method, path, code in (
        ("GET", f"/v1/organisations/{org}/tokens", 404),
        ("GET", f"/v1/organisations/{org}/members", 404),
        ("GET", "/v1/sessions", 403),
        ("GET", "/v1/me/export", 403),
        ("DELETE", "/v1/sessions", 403),
    ):
        assert (await house.browser().call(method, path, **bearer)).status_code == code, path
    # A token speaks for itself, whatever cookie comes with it.
    assert (await owner.get("/v1/me", **bearer)).json()["kind"] == "token"
    assert (await owner.get("/v1/sessions", **bearer)).status_code == 403


async def test_a_token_is_stored_as_a_hash_and_shown_once(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    text = await token(owner, org, "orders:read")
    rows = await house.admin.fetch("SELECT t::text AS line FROM accounts.tokens t")
    assert all(text.split("_", 2)[2] not in row["line"] for row in rows)
    listed = await owner.get(f"/v1/organisations/{org}/tokens")
    assert "token" not in listed.json()["items"][0]
    await asks(house, text)
    await house.desk.recogniser.flush()
    (item,) = (await owner.get(f"/v1/organisations/{org}/tokens")).json()["items"]
    assert item["last_used_at"] is not None


async def test_a_revoked_token_is_refused_here_at_once_and_elsewhere_within_five_seconds(
    house: House,
) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    path = f"/v1/organisations/{org}/tokens"
    text = await token(owner, org, "orders:read")
    assert (await asks(house, text))[0] == 200
    (item,) = (await owner.get(path)).json()["items"]
    assert (await owner.delete(f"{path}/{item['id']}")).status_code == 204
    assert (await asks(house, text))[0] == 401
    assert (await owner.delete(f"{path}/{item['id']}")).status_code == 404
    assert (await owner.get(path)).json()["items"] == []

    text = await token(owner, org, "orders:read")
    assert (await asks(house, text))[0] == 200
    started = clock.monotonic()
    await house.admin.execute(
        "UPDATE accounts.tokens SET revoked_at = now(), revoked_by = 'another process' "
        "WHERE organisation = $1 AND revoked_at IS NULL",
        org,
    )
    while (await asks(house, text))[0] == 200:
        assert clock.monotonic() - started < 5
        await asyncio.sleep(0.1)


async def test_an_expired_token_is_refused(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    soon = clock.rfc3339(clock.now() + timedelta(hours=1))
    text = await token(owner, org, "orders:read", expires_at=soon)
    assert (await asks(house, text))[0] == 200
    await house.admin.execute(
        "UPDATE accounts.tokens SET expires_at = clock_timestamp() WHERE organisation = $1", org
    )
    house.desk.recogniser._known.clear()
    assert (await asks(house, text))[0] == 401
    for wrong in ("2020-01-01T00:00:00Z", "2090-01-01T00:00:00", "soon", 5):
        body = {"name": "x", "scopes": ["orders:read"], "expires_at": wrong}
        answer = await owner.post(f"/v1/organisations/{org}/tokens", body)
        assert answer.status_code == 422, wrong


async def test_what_is_not_a_token_is_refused(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    text = await token(owner, org, "orders:read")
    for wrong in (
        text[:-1],
        text[:-1] + ("A" if text[-1] != "A" else "B"),
        text + "A",
        text.upper(),
        "sw_",
        "sw__",
        "sw_x_y",
        "Bearer",
        "eyJhbGciOiJub25lIn0.e30.",
        "x" * 5000,
    ):
        assert (await asks(house, wrong))[0] == 401, wrong


async def test_the_same_key_makes_the_same_token(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    path, body = f"/v1/organisations/{org}/tokens", {"name": "x", "scopes": ["orders:read"]}
    key = {"idempotency-key": ids.secret()}
    answers = await asyncio.gather(*(owner.post(path, body, **key) for _ in range(5)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert (await asks(house, answers[0].json()["token"]))[0] == 200
    other = await owner.post(path, {**body, "name": "y"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert len((await owner.get(path)).json()["items"]) == 1


async def test_lists_come_in_pages(house: House) -> None:
    org = fresh("org")
    _, owner = await house.appointed(Role.OWNER, org)
    for _ in range(5):
        await token(owner, org, "orders:read")
    path, seen, cursor, page = f"/v1/organisations/{org}/tokens", [], "", {}
    for _ in range(3):
        page = (await owner.get(f"{path}?limit=2{cursor}")).json()
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert len(set(seen)) == 5
    people = f"/v1/organisations/{org}/members"
    stolen = (await owner.get(f"{path}?limit=2")).json()["next"]
    for wrong in ("limit=0", "limit=101", "limit=x", "cursor=abc", f"cursor={stolen}"):
        assert (await owner.get(f"{people}?{wrong}")).status_code == 422, wrong


async def test_the_demo_prints_the_same_log_ins_at_every_start(house: House) -> None:
    orgs = [OrganisationId(fresh("demo")) for _ in range(2)]
    first = await load_demo(house.desk, orgs)
    second = await load_demo(house.desk, orgs)
    assert first == second
    browser = house.browser()
    assert (await browser.log_in(first.email, first.password)).status_code == 201
    me = (await browser.get("/v1/me")).json()
    assert {org["id"] for org in me["organisations"]} >= set(orgs)
    assert me["organisations"][0]["scopes"] == sorted(SCOPES)
    status, scanner = await asks(house, first.scanner_token)
    assert status == 200
    assert scanner["organisations"] == [
        {"id": orgs[0], "role": None, "scopes": sorted(SCOPES_OF[Role.GATE])}
    ]
    assert (await asks(house, first.api_token))[0] == 200
