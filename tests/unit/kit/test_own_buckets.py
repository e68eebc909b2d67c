"""A limit in one process's memory: exact for each key, and never more than so much memory."""

from datetime import timedelta

import pytest

from seatwright.kit import clock
from seatwright.kit.errors import TooMany
from seatwright.kit.rates import OwnBuckets, Rate, RateLimited


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "monotonic", lambda: watch.now)
    return watch


def granted(buckets: OwnBuckets, key: str, attempts: int) -> int:
    got = 0
    for _ in range(attempts):
        try:
            buckets.take(key)
        except RateLimited:
            continue
        got += 1
    return got


def test_a_burst_then_one_by_one_and_each_key_for_itself(watch: Watch) -> None:
    buckets = OwnBuckets("test", Rate(burst=3, each=timedelta(seconds=20)))
    assert granted(buckets, "a", 10) == 3
    assert granted(buckets, "b", 10) == 3
    watch.now += 19.9
    assert granted(buckets, "a", 10) == 0
    watch.now += 0.2
    assert granted(buckets, "a", 10) == 1, "refusals have not lengthened the wait"
    watch.now += 3600
    assert granted(buckets, "a", 10) == 3, "no more than a burst, however long ago"


def test_a_refusal_says_when_to_come_back(watch: Watch) -> None:
    buckets = OwnBuckets("test", Rate(burst=1, each=timedelta(seconds=20)))
    buckets.take("a")
    watch.now += 4.5
    with pytest.raises(TooMany) as refused:
        buckets.take("a")
    assert refused.value.code == "rate_limited"
    assert refused.value.facts["retry_after_s"] == 16
    watch.now += 16
    buckets.take("a")


def test_what_is_full_again_is_forgotten_and_a_crowd_takes_no_more_memory(watch: Watch) -> None:
    buckets = OwnBuckets("test", Rate(burst=2, each=timedelta(seconds=10)), keys_max=100)
    for n in range(1000):
        buckets.take(f"crowd-{n}")
    assert len(buckets._full_at) == 100
    watch.now += 11
    for n in range(60):
        buckets.take(f"later-{n}")
    assert len(buckets._full_at) == 60
    assert granted(buckets, "later-59", 5) == 1, "the newest are not what is forgotten"
