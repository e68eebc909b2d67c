"""What people do with their own account."""

from seatwright.accounts.domain.roles import Role
from seatwright.kit import ids
from tests.integration.accounts.house import PASSWORD, House

NEW = "a wholly different sentence"


async def test_a_guest_has_no_profile(house: House) -> None:
    for method, path in (("GET", "/v1/me"), ("GET", "/v1/sessions"), ("GET", "/v1/me/export")):
        answer = await house.browser().call(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["cache-control"] == "no-store"


async def test_what_is_not_named_stays(house: House) -> None:
    browser = await house.logged_in()
    body = {"name": "Grace", "phone": "+4930123456", "language": "pt-BR", "marketing_consent": True}
    edited = (await browser.patch("/v1/me", body)).json()
    assert {key: edited[key] for key in body} == body
    consent = "SELECT marketing_consent_at FROM accounts.people WHERE id = $1"
    since = await house.admin.fetchval(consent, edited["id"])
    edited = (await browser.patch("/v1/me", {"phone": None, "marketing_consent": True})).json()
    assert (edited["phone"], edited["name"]) == (None, "Grace")
    assert await house.admin.fetchval(consent, edited["id"]) == since
    await browser.patch("/v1/me", {"marketing_consent": False})
    assert await house.admin.fetchval(consent, edited["id"]) is None
    refused: tuple[dict[str, object], ...] = (
        {"phone": "030 123"},
        {"name": None},
        {"id": "x"},
        {"organisations": []},
        {"name": 1},
    )
    for wrong in refused:
        assert (await browser.patch("/v1/me", wrong)).status_code == 422, wrong


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(house: House) -> None:
    email = await house.person()
    here, there = await house.logged_in(email), await house.logged_in(email)
    for body in (
        {"password": NEW},
        {"password": NEW, "current_password": "not my password at all"},
    ):
        refused = await here.patch("/v1/me", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_password")
    done = await here.patch("/v1/me", {"password": NEW, "current_password": PASSWORD})
    assert done.status_code == 200, done.text
    assert (await here.get("/v1/me")).status_code == 200
    assert (await there.get("/v1/me")).status_code == 401
    assert (await house.browser().log_in(email, NEW)).status_code == 201


async def test_a_new_address_counts_when_its_owner_follows_the_link(house: House) -> None:
    old, new = await house.person(), f"{ids.short_id()}@example.com"
    browser = await house.logged_in(old)
    assert (await browser.patch("/v1/me", {"email": new})).status_code == 403
    asked = await browser.patch("/v1/me", {"email": new, "current_password": PASSWORD})
    assert asked.json()["email"] == old
    assert (await house.browser().log_in(new)).status_code == 401
    done = await house.browser().put(f"/v1/email-verifications/{await house.link(new)}")
    assert done.json() == {"email": new}
    assert (await house.letters(old))[-1]["template"] == "email_changed"
    assert (await browser.get("/v1/me")).status_code == 401, "everybody logs in anew"
    assert (await house.browser().log_in(new)).status_code == 201
    assert (await house.browser().log_in(old)).status_code == 401


async def test_asking_for_somebody_elses_address_tells_only_them(house: House) -> None:
    mine, theirs = await house.person(), await house.person()
    browser = await house.logged_in(mine)
    free = await browser.patch(
        "/v1/me", {"email": f"{ids.short_id()}@example.com", "current_password": PASSWORD}
    )
    taken = await browser.patch("/v1/me", {"email": theirs, "current_password": PASSWORD})
    assert (free.status_code, free.json()) == (taken.status_code, taken.json())
    assert (await house.letters(theirs))[-1]["template"] == "address_in_use"


async def test_roles_follow_their_person_to_a_new_address(house: House) -> None:
    old, browser = await house.appointed(Role.MANAGER, "org-moving")
    new = f"{ids.short_id()}@example.com"
    await browser.patch("/v1/me", {"email": new, "current_password": PASSWORD})
    await house.browser().put(f"/v1/email-verifications/{await house.link(new)}")
    moved = await house.logged_in(new)
    (organisation,) = (await moved.get("/v1/me")).json()["organisations"]
    assert (organisation["id"], organisation["role"]) == ("org-moving", "manager")
    # Whoever registers the old address later has no part in it.
    await house.person(email=old)
    assert (await (await house.logged_in(old)).get("/v1/me")).json()["organisations"] == []


async def test_an_export_holds_everything_but_secrets(house: House) -> None:
    email = await house.person()
    browser = await house.logged_in(email)
    answer = await browser.get("/v1/me/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    found = answer.json()
    assert found["profile"]["email"] == email
    assert len(found["sessions"]) == 1
    assert {"email_verified", "logged_in", "exported"} <= {
        line["action"] for line in found["audit"]
    }
    assert "argon2" not in answer.text


async def test_a_deleted_account_leaves_an_id_and_nothing_else(house: House) -> None:
    email = await house.person(name="Wilhelmina Vanishing")
    _, owner = await house.appointed(Role.OWNER, "org-vanishing")
    gate = {"email": email, "role": "gate"}
    assert (await owner.post("/v1/organisations/org-vanishing/members", gate)).is_success
    browser = await house.logged_in(email)
    person = (await browser.get("/v1/me")).json()["id"]
    await house.browser().post("/v1/password-resets", {"email": email})
    refused = await browser.delete("/v1/me", {"password": "not my password at all"})
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_password")
    gone = await browser.delete("/v1/me", {"password": PASSWORD})
    assert gone.status_code == 204, gone.text
    assert (await browser.get("/v1/me")).status_code == 401
    assert (await house.browser().log_in(email)).status_code == 401
    for table in ("people", "links", "registrations", "sessions", "members", "audit"):
        rows = await house.admin.fetch(f"SELECT t::text AS line FROM accounts.{table} t")
        text = "\n".join(row["line"] for row in rows)
        assert email not in text, table
        assert "Wilhelmina" not in text, table
    assert await house.admin.fetchval(
        "SELECT erased_at IS NOT NULL FROM accounts.people WHERE id = $1", person
    )
    # The address is free for a new beginning.
    await house.person(email=email)


async def test_an_only_owner_cannot_vanish(house: House) -> None:
    _, browser = await house.appointed(Role.OWNER, "org-lonely")
    refused = await browser.delete("/v1/me", {"password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    await house.appointed(Role.OWNER, "org-lonely")
    assert (await browser.delete("/v1/me", {"password": PASSWORD})).status_code == 204
