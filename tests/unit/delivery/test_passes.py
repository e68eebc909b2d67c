"""Passes, opened as a phone opens them: every hash, the signature over them, the words."""

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
)

from seatwright.contracts import ticket_codes
from seatwright.delivery.adapters import apple_pass, google_pass
from seatwright.delivery.adapters.pass_pictures import pictures
from seatwright.delivery.domain import passes
from seatwright.delivery.domain.words import languages
from seatwright.kit import signing
from seatwright.kit.signing import Keyring
from tests.fakes.sold import a_ticket, an_event, some_papers
from tests.unit.delivery import pictures as looking

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEYS = Keyring(b"k" * 32)
EVENT = an_event(accent="#0b7285")
TICKET = a_ticket(EVENT, 7, attendee='محمد "Mo" \\')
PAPERS = some_papers(EVENT, TICKET)
CODE = ticket_codes.sign(KEYS, ticket_codes.of(TICKET, ends_at=EVENT.ends_at))


@pytest.fixture(scope="module")
def signer() -> apple_pass.Signer:
    return apple_pass.signer_on_the_spot(NOW)


def opened(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def a_pass(signer: apple_pass.Signer, event=EVENT) -> dict[str, bytes]:
    said = passes.facts(PAPERS, event, TICKET, CODE)
    content = passes.apple(event, TICKET, said, signer.issuer)
    return opened(apple_pass.packed(content, said.accent, signer))


def test_the_manifest_names_every_file_by_its_hash(signer: apple_pass.Signer) -> None:
    files = a_pass(signer)
    manifest = json.loads(files["manifest.json"])
    assert set(manifest) == set(files) - {"manifest.json", "signature"}
    for name, said in manifest.items():
        assert hashlib.sha1(files[name]).hexdigest() == said
    assert {"icon.png", "icon@2x.png", "icon@3x.png", "logo.png", "pass.json"} <= set(files)


def test_the_signature_is_the_certificates_over_the_manifest(
    signer: apple_pass.Signer, tmp_path: Path
) -> None:
    files = a_pass(signer)
    (inside,) = pkcs7.load_der_pkcs7_certificates(files["signature"])
    assert inside == signer.certificate
    # Detached: the manifest is not in it.
    assert files["manifest.json"] not in files["signature"]
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to ask for its opinion")
    for name, body in (("m", files["manifest.json"]), ("s", files["signature"])):
        (tmp_path / name).write_bytes(body)
    (tmp_path / "ca").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    asked = [openssl, "smime", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    # The certificate is of the test's own time.
    asked += ["-attime", str(int(NOW.timestamp()) + 60)]
    asked += ["-in", "s", "-content", "m", "-CAfile", "ca", "-out", "out"]
    verified = subprocess.run(asked, cwd=tmp_path, capture_output=True, check=False)
    assert verified.returncode == 0, verified.stderr
    (tmp_path / "m").write_bytes(files["manifest.json"] + b" ")
    assert subprocess.run(asked, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_a_real_signer_is_read_from_its_file(signer: apple_pass.Signer, tmp_path: Path) -> None:
    other = apple_pass.signer_on_the_spot(NOW)
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own, between = (one.certificate.public_bytes(Encoding.PEM) for one in (signer, other))
    file = tmp_path / "pass.pem"
    file.write_bytes(key + own + between)
    issuer = passes.Issuer(pass_type="pass.org.example", team="ABCDE12345")
    read = apple_pass.signer_in(file, issuer)
    assert (read.certificate, read.between) == (signer.certificate, (other.certificate,))
    found = pkcs7.load_der_pkcs7_certificates(a_pass(read)["signature"])
    assert set(found) == {signer.certificate, other.certificate}
    file.write_bytes(key + between)
    with pytest.raises(ValueError, match="not that of the RSA key"):
        apple_pass.signer_in(file, issuer)


def test_the_pass_says_what_the_paper_says(signer: apple_pass.Signer) -> None:
    files = a_pass(signer)
    said = json.loads(files["pass.json"])
    assert said["barcodes"][0]["message"] == CODE
    assert said["passTypeIdentifier"] == "pass.example.seatwright"
    assert said["backgroundColor"] == "rgb(11, 114, 133)"
    fields = said["eventTicket"]
    values = {field["label"]: field["value"] for part in fields.values() for field in part}
    assert values["section"] == "Block L12"
    assert (values["row"], values["seat"]) == ("14", "7")
    assert "\u2068" in values["name"]
    assert b"hush-secret" not in b"".join(files.values())
    keys = [field["key"] for part in fields.values() for field in part]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("language", languages())
def test_every_label_is_a_word_of_every_language(signer: apple_pass.Signer, language: str) -> None:
    files = a_pass(signer)
    words = files[f"{language}.lproj/pass.strings"].decode("utf-16")
    fields = json.loads(files["pass.json"])["eventTicket"]
    labels = {f["label"] for part in fields.values() for f in part if f["key"] != "event"}
    for label in labels - {""}:
        assert f'"{label}" = "' in words


def test_a_pass_of_a_code_that_moves_has_none_and_says_where_it_is(
    signer: apple_pass.Signer,
) -> None:
    files = a_pass(signer, an_event(moving_codes=True, id=EVENT.id))
    said = json.loads(files["pass.json"])
    assert "barcodes" not in said
    assert CODE.encode() not in files["pass.json"]
    assert "phone" in said["eventTicket"]["backFields"][0]["value"]


@pytest.mark.parametrize("accent", ["#0b7285", "#ffffff"])
def test_the_pictures_have_their_sizes_and_both_colours(accent: str) -> None:
    sides = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87, "logo.png": 50}
    made = pictures(accent)
    for name, side in sides.items():
        width, height = looking.size(made[name])
        assert (width, height) == (side, side)
    assert len({made[name] for name in made}) == len(made)


def test_the_link_to_google_wallet_is_signed_by_the_account(tmp_path: Path) -> None:
    account = google_pass.account_on_the_spot()
    said = passes.facts(PAPERS, EVENT, TICKET, CODE)
    content = passes.google(EVENT, TICKET, said, issuer="338800", language="en")
    link = google_pass.save_link(content, account, public="https://tickets.example", now=NOW)
    assert link.startswith("https://pay.google.com/gp/v/save/")
    assert len(link) < 4000
    signed, _, signature = link.removeprefix(google_pass.SAVE).rpartition(".")
    account.key.public_key().verify(
        signing.unb64(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    head, claims = (json.loads(signing.unb64(part)) for part in signed.split("."))
    assert head["alg"] == "RS256"
    assert (claims["aud"], claims["typ"]) == ("google", "savetowallet")
    (ticket,) = claims["payload"]["eventTicketObjects"]
    assert ticket["barcode"]["value"] == CODE
    assert ticket["seatInfo"]["row"]["defaultValue"]["value"] == "14"
    key = account.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = tmp_path / "account.json"
    file.write_text(json.dumps({"client_email": "a@b.example", "private_key": key}))
    assert google_pass.account_in(file, "3388").email == "a@b.example"
