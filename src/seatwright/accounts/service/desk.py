"""What every use case needs, and who is at the counter."""

from dataclasses import dataclass

from seatwright.accounts.adapters.hashing import Hasher
from seatwright.accounts.service.recognise import Recogniser
from seatwright.kit.postgres import Database
from seatwright.kit.signing import Keyring
from seatwright.kit.valkey import Valkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The tools of accounts. `cache` may be away; everything else is needed."""

    database: Database
    cache: Valkey
    keys: Keyring
    hasher: Hasher
    recogniser: Recogniser
    public_url: str
    demo: bool

    def ip_hash(self, ip: str) -> str:
        """What is kept of an address: the same for the same, and not to be turned back."""
        return self.keys.mac("audit-address/1", ip)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: a principal's id or `guest`, from which address, with which program."""

    actor: str = "guest"
    ip: str
    device: str = ""
