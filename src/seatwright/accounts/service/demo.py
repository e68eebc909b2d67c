"""The demo's log-ins: the same at every start, and refused anywhere but in the demo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seatwright.accounts.domain import bearer, emails
from seatwright.accounts.domain.bearer import TokenId
from seatwright.accounts.domain.people import MemberId, Registration, RegistrationId
from seatwright.accounts.domain.roles import SCOPES_OF, SCOPES_OF_TOKENS_MAX, Role
from seatwright.accounts.service.desk import Desk
from seatwright.accounts.store import members, people, tokens
from seatwright.accounts.store.tokens import NewToken
from seatwright.contracts.accounts import PersonId
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids, signing
from seatwright.kit.postgres import Writer

EMAIL = "organiser@example.com"
# Printed on the demo's screen; it protects nothing.
PASSWORD = "front-row-velvet-curtain"  # noqa: S105  # public on purpose
_ID_CHARS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogins:
    """What the demo prints; tokens by organisation."""

    email: str
    password: str
    api_tokens: Mapping[OrganisationId, str]
    scanner_tokens: Mapping[OrganisationId, str]

    @property
    def api_token(self) -> str:
        """The first organisation's."""
        return next(iter(self.api_tokens.values()))

    @property
    def scanner_token(self) -> str:
        """The first organisation's."""
        return next(iter(self.scanner_tokens.values()))


async def load_demo(desk: Desk, organisation_ids: Sequence[OrganisationId]) -> DemoLogins:
    """An owner of all these organisations, and two tokens for each; the same when repeated."""
    assert desk.demo, "fixed passwords exist in the demo only"
    assert organisation_ids, "somebody must be there to work for"
    hashed = await desk.hasher.hash(PASSWORD)
    email = emails.read(EMAIL)
    api: dict[OrganisationId, str] = {}
    scanner: dict[OrganisationId, str] = {}
    async with desk.database.transaction() as writer:
        await _person(writer, email, hashed)
        for organisation in organisation_ids:
            member = MemberId(ids.sortable_id())
            await members.put(writer, member, organisation, email, role=Role.OWNER, by="demo")
            api[organisation] = await _token(
                desk, writer, organisation, "Demo API", SCOPES_OF_TOKENS_MAX
            )
            scanner[organisation] = await _token(
                desk, writer, organisation, "Demo scanner", SCOPES_OF[Role.GATE]
            )
    return DemoLogins(email=EMAIL, password=PASSWORD, api_tokens=api, scanner_tokens=scanner)


async def _person(writer: Writer, email: emails.Email, hashed: str) -> None:
    registration = Registration(
        id=RegistrationId(ids.sortable_id()),
        email=email,
        name="Olivia Organiser",
        language="en",
        password_hash=hashed,
    )
    await people.add_registration(writer, registration)
    await people.add(writer, PersonId(ids.sortable_id()), registration.id)
    await people.drop_registrations(writer, email)


async def _token(
    desk: Desk, writer: Writer, organisation: OrganisationId, name: str, scopes: frozenset[str]
) -> str:
    about = signing.digest_hex("demo", organisation, name)
    token, secret = TokenId(about[:_ID_CHARS]), desk.keys.mac("demo-token/1", about)
    wanted = NewToken(
        id=token,
        organisation=organisation,
        name=name,
        scopes=scopes,
        secret_hash=bearer.digest(secret),
    )
    await tokens.put_demo(writer, wanted)
    return bearer.token_text(token, secret)
