"""Who sends: the same for every mail of an installation."""

from dataclasses import dataclass
from email.utils import parseaddr


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """`mail_from` as in a From header; `public` is the installation's address."""

    mail_from: str
    public: str

    @property
    def domain(self) -> str:
        """The domain of the sending address, for Message-IDs."""
        return parseaddr(self.mail_from)[1].rpartition("@")[2] or "localhost.localdomain"
