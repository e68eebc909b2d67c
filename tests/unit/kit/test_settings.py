"""A setting that is wrong is refused by name with its remedy, and no secret is shown."""

import base64
from pathlib import Path

import pytest

from seatwright.kit import settings
from seatwright.kit.settings import BadSettings

SECRET = base64.b64encode(b"a secret of thirty-two bytes, so!").decode()
GOOD = {
    "DATABASE_URL_ORDERS": "postgresql://u:hunter2@db:5432/seatwright",
    "VALKEY_URL": "redis://u:hunter2@holds:6379",
    "VALKEY_CACHE_URL": "redis://cache:6379/1",
    "NATS_URL": "nats://u:hunter2@nats:4222",
    "SMTP_URL": "smtp://mail:25",
    "GATEWAY_URL": "https://gateway.example",
    "GATEWAY_KEY": "sk_1",
    "GATEWAY_WEBHOOK_SECRET": "wh_1",
    "PUBLIC_URL": "https://tickets.example/",
    "SEATWRIGHT_SECRET": SECRET,
}


def refused(**changes: str | None) -> list[settings.BadSetting]:
    given = {k: v for k, v in (GOOD | changes).items() if v is not None}
    with pytest.raises(BadSettings) as caught:
        settings.read(given, databases=["orders"])
    for bad in caught.value.found:
        assert bad.remedy
        assert str(bad) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    return caught.value.found


def test_good_settings_are_read():
    found = settings.read(GOOD | {"FILES_DIR": "/srv/files", "LOG_FORMAT": "text"})
    assert found.public_url == "https://tickets.example"
    assert found.files == Path("/srv/files")
    assert (found.demo, found.log_level, found.log_json) == (False, "info", False)
    assert found.mail_from.endswith(">")
    assert found.keyring().key("a/1") == settings.read(GOOD).keyring().key("a/1")


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named(name):
    (bad,) = refused(**{name: None})
    assert bad.name == name
    assert "(unset)" in str(bad)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL_ORDERS", "mysql://u:hunter2@db"),
        ("DATABASE_URL_ORDERS", "postgresql://"),
        ("DATABASE_URL_ORDERS", "hunter2"),
        ("DATABASE_URL_ORDERS", "postgresql://u:hunter2@[::1"),
        ("DATABASE_URL_ORDERS", "postgresql://db:hunter2"),
        ("DATABASE_URL_ORDERS", "postgresql://db:70000"),
        ("DATABASE_URL_ORDERS", "postgresql://db:0"),
        ("VALKEY_URL", "http://holds"),
        ("VALKEY_CACHE_URL", "cache:6379"),
        ("NATS_URL", "tls://nats:4222"),
        ("NATS_FEED_URL", "nats:9222"),
        ("NATS_FEED_URL", "wss://nats:9222"),
        ("NATS_FEED_URL", "ws://nats"),
        ("NATS_FEED_URL", "ws://nats:0"),
        ("NATS_FEED_URL", "ws://nats:70000"),
        ("NATS_FEED_URL", "ws://u:hunter2@nats:9222"),
        ("NATS_FEED_URL", "ws://nats:9222/feed"),
        ("NATS_FEED_URL", "ws://nats:9222 {"),
        ("SMTP_URL", "mail:25"),
        ("GATEWAY_URL", "ftp://gateway"),
        ("PUBLIC_URL", "tickets.example"),
        ("LOG_LEVEL", "loud"),
        ("HOLDS_PER_MINUTE", "0"),
        ("HOLDS_PER_MINUTE", "many"),
        ("HELD_SEATS_PER_ADDRESS_MAX", "-1"),
        ("HELD_SEATS_PER_ADDRESS_MAX", "100001"),
        ("HELD_SEATS_PER_ADDRESS_MAX", "all"),
        ("ORDERS_PER_MINUTE", "1000001"),
        ("ORDERS_PER_MINUTE", "-1"),
        ("ORDERS_PER_MINUTE", "9" * 5000),
        ("TRUSTED_PROXIES", "loadbalancer.internal"),
        ("TRUSTED_PROXIES", "10.0.0.1, 10.0.0.300"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0"),
        ("SEATWRIGHT_SECRET", "not base64!"),
        ("SEATWRIGHT_SECRET", base64.b64encode(b"x" * 31).decode()),
    ],
)
def test_a_bad_value_is_named_and_its_secret_is_not(name, value):
    (bad,) = refused(**{name: value})
    assert bad.name == name
    if name == "SEATWRIGHT_SECRET":
        assert value not in str(bad)


def test_proxies_are_addresses_and_networks():
    found = settings.read(GOOD | {"TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24 fd00::/8"})
    assert [str(one) for one in found.trusted_proxies] == ["10.0.0.5/32", "10.1.0.0/24", "fd00::/8"]
    assert settings.read(GOOD).trusted_proxies == ()


@pytest.mark.parametrize("place", ["nats:9222", "10.0.0.5:80", "[fd00::1]:9222"])
def test_the_live_feed_is_a_place_for_the_gateway(place):
    given = GOOD | {"NATS_FEED_URL": f"ws://{place}"}
    assert settings.read(given) == settings.read(GOOD)
    assert settings.feed(given) == settings.feed(given | {"NATS_FEED_URL": f"ws://{place}/"})
    assert settings.feed(given) == place
    assert settings.feed(GOOD) == settings.feed({"NATS_FEED_URL": ""}) == ""


def test_the_live_feed_of_another_nats_than_the_one_that_is_used_is_refused():
    for given in ({}, {"NATS_URL": ""}):
        with pytest.raises(BadSettings, match=r"NATS_FEED_URL=ws://nats:9222: give NATS_URL"):
            settings.feed({**given, "NATS_FEED_URL": "ws://nats:9222"})
    with pytest.raises(BadSettings, match=r"NATS_FEED_URL=wss://….*ws://host:port"):
        settings.feed(GOOD | {"NATS_FEED_URL": "wss://u:hunter2@nats:9222"})


def test_a_process_knows_the_databases_of_its_own_services_and_what_else_is_named():
    more = {"DATABASE_URL": "postgresql://owner@db/x", "DATABASE_URL_ENTRY": "postgresql://e@db/x"}
    found = settings.read(GOOD | more, databases=["orders"])
    assert found.database_urls == {
        "orders": GOOD["DATABASE_URL_ORDERS"],
        "entry": more["DATABASE_URL_ENTRY"],
    }


def test_every_bad_setting_is_told_at_once():
    with pytest.raises(BadSettings) as caught:
        settings.read({}, databases=["orders"])
    assert {bad.name for bad in caught.value.found} == set(GOOD)


def test_the_cache_may_not_be_the_instance_with_the_holds():
    (bad,) = refused(VALKEY_CACHE_URL=GOOD["VALKEY_URL"])
    assert (bad.name, "second instance" in bad.remedy) == ("VALKEY_CACHE_URL", True)


def test_limits_are_generous_and_a_demo_has_none_to_speak_of():
    found = settings.read(GOOD | {"ORDERS_PER_MINUTE": "30"})
    assert (found.holds_per_minute, found.orders_per_minute) == (60, 30)
    demo = settings.read(GOOD | {"SEATWRIGHT_DEMO": "1", "ORDERS_PER_MINUTE": "30"})
    assert (demo.holds_per_minute, demo.orders_per_minute) == (1_000_000, 30)
    held = (found.held_seats_per_address_max, demo.held_seats_per_address_max)
    assert held == (200, 0)
    many = settings.read(GOOD | {"HELD_SEATS_PER_ADDRESS_MAX": "400", "SEATWRIGHT_DEMO": "1"})
    assert many.held_seats_per_address_max == 400
    assert settings.read(GOOD | {"HELD_SEATS_PER_ADDRESS_MAX": "0"}).held_seats_per_address_max == 0
    empty = settings.read(GOOD | {"HOLDS_PER_MINUTE": ""})
    assert empty.holds_per_minute == 60
