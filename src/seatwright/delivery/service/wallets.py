"""Passes for the wallets of phones, issued as whoever this installation is known as."""

from functools import cached_property

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.delivery.adapters import apple_pass, google_pass
from seatwright.delivery.adapters.typesetting import Presses
from seatwright.delivery.domain import passes
from seatwright.delivery.domain.words import in_language
from seatwright.kit import clock
from seatwright.kit.signing import Keyring
from seatwright.kit.third_parties import ThirdParties


class Wallets:
    """Makes passes; None where the installation has no issuer for that wallet."""

    def __init__(
        self, keys: Keyring, presses: Presses, third: ThirdParties, *, public: str
    ) -> None:
        self._keys = keys
        self._presses = presses
        self._public = public
        # Given ones are read at the start, so that a wrong file is known then; making some on the
        # spot takes a while, and most processes never need them.
        self._third = third
        if not third.made_on_the_spot:
            _ = self._signer, self._account

    @cached_property
    def _signer(self) -> apple_pass.Signer | None:
        return _signer(self._third)

    @cached_property
    def _account(self) -> google_pass.Account | None:
        return _account(self._third)

    async def apple(
        self, papers: OrderPapers, event: EventForSale, ticket: IssuedTicket
    ) -> bytes | None:
        """The ticket as a `.pkpass`."""
        if not self._third.apple:
            return None

        def made() -> bytes:
            signer = self._signer
            assert signer is not None, "there is one where passes are on"
            said = self._facts(papers, event, ticket)
            content = passes.apple(event, ticket, said, signer.issuer)
            return apple_pass.packed(content, said.accent, signer)

        return await self._presses.apart(made)

    async def google(
        self, papers: OrderPapers, event: EventForSale, ticket: IssuedTicket
    ) -> str | None:
        """The address that saves the ticket to Google Wallet."""
        if not self._third.google:
            return None

        def made() -> str:
            account = self._account
            assert account is not None, "there is one where passes are on"
            content = passes.google(
                event,
                ticket,
                self._facts(papers, event, ticket),
                issuer=account.issuer,
                language=in_language(papers.language).language,
            )
            return google_pass.save_link(content, account, public=self._public, now=clock.now())

        return await self._presses.apart(made)

    def _facts(
        self, papers: OrderPapers, event: EventForSale, ticket: IssuedTicket
    ) -> passes.Facts:
        code = ticket_codes.sign(self._keys, ticket_codes.of(ticket, ends_at=event.ends_at))
        return passes.facts(papers, event, ticket, code)


def _signer(third: ThirdParties) -> apple_pass.Signer | None:
    if third.apple_certificate is not None:
        issuer = passes.Issuer(pass_type=third.apple_pass_type, team=third.apple_team)
        return apple_pass.signer_in(third.apple_certificate, issuer)
    return apple_pass.signer_on_the_spot(clock.now()) if third.made_on_the_spot else None


def _account(third: ThirdParties) -> google_pass.Account | None:
    if third.google_account is not None:
        return google_pass.account_in(third.google_account, third.google_issuer)
    return google_pass.account_on_the_spot() if third.made_on_the_spot else None
