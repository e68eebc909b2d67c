"""A link that saves a ticket to Google Wallet: its class and object in a signed JWT (RFC 7519)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seatwright.kit.signing import b64

SAVE = "https://pay.google.com/gp/v/save/"
_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The issuer's number and the service account that signs for it."""

    issuer: str
    email: str
    key: rsa.RSAPrivateKey


def account_in(file: Path, issuer: str) -> Account:
    """The account in a service account's JSON file; ValueError when it is none."""
    content = json.loads(file.read_bytes())
    key = load_pem_private_key(str(content["private_key"]).encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{file}: not an RSA key")  # noqa: TRY004  # the file's content is wrong
    return Account(issuer=issuer, email=str(content["client_email"]), key=key)


def account_on_the_spot() -> Account:
    """An account that nobody knows, for demos and tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    return Account(issuer="0", email="wallet@seatwright.example", key=key)


def save_link(content: Mapping[str, Any], account: Account, *, public: str, now: datetime) -> str:
    """The address that saves what `content` describes; `public` is where the button stands."""
    claims = {
        "iss": account.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [public],
        "payload": content,
    }
    head = {"alg": "RS256", "typ": "JWT"}
    signed = ".".join(b64(_compact(part)) for part in (head, claims))
    signature = account.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{SAVE}{signed}.{b64(signature)}"


def _compact(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
