"""The installation's own secrets, made at the first start and kept beside its data."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from seatwright.run.logins import SERVICES

MASTER_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """
    Base64 of the master secret, what the simulated gateway and we share, and the password by which
    each service logs in to PostgreSQL.
    """

    master: str
    gateway_key: str
    gateway_webhook_secret: str
    database_passwords: dict[str, str]


def new_master() -> str:
    """32 random bytes in base64, for `SEATWRIGHT_SECRET`."""
    return base64.b64encode(secrets.token_bytes(MASTER_BYTES)).decode()


def keep(folder: Path) -> Secrets:
    """The secrets in `installation.json` of the folder; what is not there is made. Mode 0600."""
    path = folder / "installation.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    made = asdict(_new())
    passwords = made["database_passwords"] | kept.get("database_passwords", {})
    whole = {**made, **kept, "database_passwords": passwords}
    if whole != kept:
        _write(path, whole)
    return Secrets(**{one.name: whole[one.name] for one in fields(Secrets)})


def _new() -> Secrets:
    return Secrets(
        master=new_master(),
        gateway_key=secrets.token_urlsafe(24),
        gateway_webhook_secret=secrets.token_urlsafe(24),
        database_passwords={service: secrets.token_urlsafe(24) for service in SERVICES},
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    draft.replace(path)
