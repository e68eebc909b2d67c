"""
Keys and short signed tokens.

Every key is derived from one master secret with HKDF-SHA256 and a purpose, so that no key ever
signs for two purposes and a leaked derived key opens nothing else. Token MACs cover canonical
msgpack, where every field carries its length: no two different contents share their bytes.
"""

import base64
import functools
import hashlib
import hmac
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from seatwright.kit.errors import Expected

MASTER_SECRET_BYTES_MIN = 32
_MAC_BYTES = 16
T = TypeVar("T")


class BadToken(Expected):
    """The token was not made by us for this purpose, or was altered."""

    code = "bad_token"
    title = "Not a token of ours"


class Keyring:
    """All keys of an installation, derived on demand from its master secret."""

    def __init__(self, master: bytes) -> None:
        assert len(master) >= MASTER_SECRET_BYTES_MIN, "a master secret has at least 32 bytes"
        self._master = master
        self._derived: dict[str, bytes] = {}
        self.ed25519 = functools.lru_cache(maxsize=4096)(self._ed25519)

    def key(self, purpose: str) -> bytes:
        """The 32-byte key for a purpose such as `hold-token/1`; purposes are few and fixed."""
        found = self._derived.get(purpose)
        if found is None:
            found = self._derived[purpose] = self._derive(purpose)
        return found

    def mac(self, purpose: str, message: str) -> str:
        """A 192-bit MAC in base64url: a bearer secret that need not be stored anywhere."""
        digest = hmac.digest(self.key(purpose), message.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:24]).decode()

    def mac_matches(self, purpose: str, message: str, given: str) -> bool:
        """Compare in constant time; any text may be given."""
        expected = self.mac(purpose, message).encode()
        return hmac.compare_digest(expected, given.encode("utf-8", "surrogatepass"))

    def _ed25519(self, purpose: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._derive(purpose))

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, salt=b"seatwright/1", info=purpose.encode()).derive(self._master)


def seal(key: bytes, content: msgspec.Struct) -> str:
    """The content and its MAC as one URL-safe text."""
    body = msgspec.msgpack.encode(content)
    return b64(body + hmac.digest(key, body, "sha256")[:_MAC_BYTES])


def unseal(key: bytes, text: str, kind: type[T]) -> T:
    """The content that `seal` put in; raises `BadToken` for anything else."""
    try:
        raw = unb64(text)
    except ValueError:
        raise BadToken("The token is not in the expected form.") from None
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(hmac.digest(key, body, "sha256")[:_MAC_BYTES], mac):
        raise BadToken("The token is not one of ours.")
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadToken("The token is of another version.") from None


def b64(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Strict inverse of `b64`: one text for one value, ValueError otherwise."""
    padded = text.encode("ascii", "strict") + b"=" * (-len(text) % 4)
    raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    if b64(raw) != text:
        raise ValueError("not canonical")
    return raw


def fingerprint(body: bytes) -> bytes:
    """SHA-256 of a request's bytes, to tell a repeat from another request."""
    return hashlib.sha256(body).digest()


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """The 32 raw bytes of an Ed25519 public key."""
    return key.public_bytes_raw()


def digest_hex(*parts: Any) -> str:
    """A stable hash over parts, each with its type and length (canonical msgpack)."""
    return hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()
