"""Secrets that whoever shows them is believed: sessions, API tokens, mailed links."""

import hashlib
import re
from typing import NewType

TokenId = NewType("TokenId", str)
SessionId = NewType("SessionId", str)

# Scanners of leaked secrets recognise a prefix.
_TOKEN = re.compile(r"sw_([0-9a-v]{16,40})_([A-Za-z0-9_-]{20,64})", re.ASCII)
_ID = re.compile(r"[0-9a-v]{8,64}", re.ASCII)


def digest(secret: str) -> bytes:
    """What is stored of a secret. It has 192 bits of chance, so a plain hash hides it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def token_text(token: TokenId, secret: str) -> str:
    """`sw_<id>_<secret>`, shown once."""
    return f"sw_{token}_{secret}"


def read_token(text: str) -> tuple[TokenId, str] | None:
    """Id and secret of an API token, or None for anything else."""
    found = _TOKEN.fullmatch(text)
    return (TokenId(found[1]), found[2]) if found else None


def is_id(text: str) -> bool:
    """Whether `text` could be an id of ours; nothing else reaches a query."""
    return _ID.fullmatch(text) is not None
