"""Organisations and their owners, by the operator's hand: what begins an empty installation."""

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from seatwright.accounts.domain import emails
from seatwright.accounts.service import founding
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.service import organisations
from seatwright.catalog.service.catalogue import Archive
from seatwright.kit.errors import Invalid, Problem
from seatwright.kit.files import FolderFiles
from seatwright.kit.postgres import Database
from seatwright.run import standing

_LISTED_MAX = 1000
# Where nothing says at which address the installation is seen.
ADDRESS_UNKNOWN = "https://YOUR.ADDRESS"


def as_options(refusal: Invalid, **options: str) -> Invalid:
    """The same refusal by the options that were typed, in the place of JSON pointers."""
    return Invalid(
        tuple(
            Problem(options.get(one.pointer.strip("/"), one.pointer), one.code, one.detail)
            for one in refusal.problems
        )
    )


@asynccontextmanager
async def database(url: str, role: str) -> AsyncIterator[Database]:
    """A few connections as a service; raises `Unavailable`."""
    with standing.reaching_database():
        opened = await Database.connect(url, service=role, connections_max=2)
    try:
        yield opened
    finally:
        await opened.close()


async def organisation(given: argparse.Namespace) -> int:
    """Make an organisation, appoint an owner, or list what there is."""
    data = given.data.resolve()
    settings = standing.settings_of(data)
    # What is wrong with an address is said before anything is made.
    owner = emails.read(given.owner, pointer="--owner") if given.action != "list" else None
    url = standing.database_of(settings, data)
    async with database(url, "catalog") as catalog, database(url, "accounts") as accounts:
        archive = Archive(catalog, FolderFiles(data))
        if owner is None:
            return await _list(archive, accounts)
        if given.action == "create":
            chosen = await _found(archive, given)
        else:
            chosen = await organisations.find_organisation(archive, given.organisation)
        has_account = await founding.appoint_owner(
            accounts, chosen.id, owner, first=given.action == "create"
        )
    print(f"{chosen.name}: {chosen.slug}, id {chosen.id}, owner {owner.text}")
    print(_next(settings, has_account=has_account))
    return 0


async def _found(archive: Archive, given: argparse.Namespace) -> Organisation:
    try:
        return await organisations.found_organisation(archive, name=given.name, slug=given.slug)
    except Invalid as refusal:
        raise as_options(refusal, name="NAME", slug="--slug") from refusal


def _next(settings: Mapping[str, str], *, has_account: bool) -> str:
    base = settings.get("PUBLIC_URL", ADDRESS_UNKNOWN)
    if has_account:
        return f"The owner logs in: {base}/account/log-in, or POST {base}/v1/sessions"
    return (
        "There is no account of this address yet; the right waits for it:\n"
        f"register it at {base}/account/register, then follow the link in the mail."
    )


async def _list(archive: Archive, accounts: Database) -> int:
    found = await organisations.list_organisations(archive, limit=_LISTED_MAX)
    for one in found:
        owners = ", ".join(await founding.owners_of(accounts, one.id)) or "nobody"
        print(f"{one.slug}\t{one.id}\t{one.name}\towned by {owners}")
    if not found:
        print("There is none yet: seatwright organisation create NAME --owner ADDRESS")
    return 0
