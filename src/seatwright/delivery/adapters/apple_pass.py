"""
A `.pkpass`: a ZIP of `pass.json`, pictures and languages, a manifest with the hash of each, and
the manifest's detached PKCS#7 signature (Apple, "Building a Pass").
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
from cryptography.x509.oid import NameOID

from seatwright.delivery.adapters.pass_pictures import pictures
from seatwright.delivery.domain.passes import Issuer, strings

MEDIA_TYPE = "application/vnd.apple.pkpass"
# What a demo and the tests issue as; no phone trusts it.
SPOT = Issuer(pass_type="pass.example.seatwright", team="SEATWRIGHT")  # noqa: S106  # no password
_RSA_BITS = 2048
_SPOT_LIFETIME = timedelta(days=365)
# Entries bear one date, so that equal passes are equal but for their signature.
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The pass type's key and certificate, and those between it and Apple's root."""

    issuer: Issuer
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    between: tuple[x509.Certificate, ...] = ()


def signer_in(file: Path, issuer: Issuer) -> Signer:
    """The signer in a PEM file: the key, its certificate, then the others; ValueError for less."""
    content = file.read_bytes()
    key = load_pem_private_key(content, password=None)
    own, *between = x509.load_pem_x509_certificates(content)
    if not isinstance(key, rsa.RSAPrivateKey) or own.public_key() != key.public_key():
        raise ValueError(f"{file}: the first certificate is not that of the RSA key")
    return Signer(issuer=issuer, key=key, certificate=own, between=tuple(between))


def signer_on_the_spot(now: datetime) -> Signer:
    """A key and a certificate that nobody trusts, for demos and tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, SPOT.pass_type),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {SPOT.pass_type}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, SPOT.team),
        ]
    )
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + _SPOT_LIFETIME,
    )
    return Signer(issuer=SPOT, key=key, certificate=builder.sign(key, hashes.SHA256()))


def packed(content: Mapping[str, Any], accent: str, signer: Signer) -> bytes:
    """The pass with this `pass.json`, in the colour `#rrggbb`."""
    files = {"pass.json": json.dumps(content, ensure_ascii=False).encode(), **pictures(accent)}
    for language, text in strings().items():
        files[f"{language}.lproj/pass.strings"] = text.encode("utf-16")
    # SHA-1 is what the format asks for; the signature over the list of them is SHA-256.
    hashed = {
        name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in files.items()
    }
    manifest = json.dumps(hashed, indent=1).encode()
    files |= {"manifest.json": manifest, "signature": _signature(manifest, signer)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), body)
    return out.getvalue()


def _signature(manifest: bytes, signer: Signer) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())
    for certificate in signer.between:
        builder = builder.add_certificate(certificate)
    detached = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(Encoding.DER, detached)
