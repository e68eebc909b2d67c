"""
Settings of the services outside that an installation may use, and can do without.

What is not given is off; a demo stands in for wallets by certificates made on the spot.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# name, value that may be shown, remedy
Complain = Callable[[str, str, str], None]
_APPLE = ("APPLE_PASS_TYPE", "APPLE_TEAM", "APPLE_PASS_CERTIFICATE")
_GOOGLE = ("GOOGLE_WALLET_ISSUER", "GOOGLE_WALLET_ACCOUNT")
_SMS_SCHEMES = ("twilio", "twilio+http")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParties:
    """
    `apple_certificate` is a PEM file with the key, the pass type's certificate and Apple's own;
    `google_account` a service account's JSON file. `sms_url` is
    `twilio://account:token@host/+sender`; empty: no messages. `private_webhooks` lets outgoing
    webhooks go to addresses of this network, and without TLS: for development only.
    """

    apple_pass_type: str = ""
    apple_team: str = ""
    apple_certificate: Path | None = None
    google_issuer: str = ""
    google_account: Path | None = None
    sms_url: str = ""
    private_webhooks: bool = False
    made_on_the_spot: bool = False

    @property
    def apple(self) -> bool:
        """Whether passes for Apple Wallet can be made."""
        return self.apple_certificate is not None or self.made_on_the_spot

    @property
    def google(self) -> bool:
        """Whether links to Google Wallet can be made."""
        return self.google_account is not None or self.made_on_the_spot


def third_parties(
    environment: Mapping[str, str], *, demo: bool, complain: Complain
) -> ThirdParties:
    """What the environment says of them; a setting of a group that lacks another is refused."""
    apple = _group(environment, _APPLE, complain)
    google = _group(environment, _GOOGLE, complain)
    return ThirdParties(
        apple_pass_type=apple[0],
        apple_team=apple[1],
        apple_certificate=_file("APPLE_PASS_CERTIFICATE", apple[2], complain),
        google_issuer=google[0],
        google_account=_file("GOOGLE_WALLET_ACCOUNT", google[1], complain),
        sms_url=_sms(environment.get("SMS_URL", ""), complain),
        private_webhooks=environment.get("WEBHOOKS_TO_PRIVATE_ADDRESSES", "") == "1",
        made_on_the_spot=demo,
    )


def _group(environment: Mapping[str, str], names: tuple[str, ...], complain: Complain) -> list[str]:
    values = [environment.get(name, "") for name in names]
    if any(values):
        for name, value in zip(names, values, strict=True):
            if not value:
                complain(name, "", f"set it, or none of {', '.join(names)}")
    return values


def _file(name: str, value: str, complain: Complain) -> Path | None:
    if not value:
        return None
    path = Path(value)
    if not path.is_file():
        complain(name, value, "a file that this process may read")
        return None
    return path


def _sms(value: str, complain: Complain) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        sender = parts.path.removeprefix("/")
        given = (parts.hostname, parts.username, parts.password, parts.port != 0)
        sound = parts.scheme in _SMS_SCHEMES and all(given)
    except ValueError:
        sound, sender = False, ""
    if not sound or not re.fullmatch(r"\+[1-9][0-9]{6,14}|[A-Za-z0-9 ]{1,11}", sender):
        complain("SMS_URL", "(hidden)", "an address like twilio://ACCOUNT:TOKEN@host/+491701234567")
        return ""
    return value
