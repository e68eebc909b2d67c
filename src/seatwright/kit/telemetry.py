"""Metrics of a process, under the names that dashboards and alerts rely on."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
_LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)


def counter(name: str, meaning: str, *labels: str) -> Counter:
    """A number that only grows; `seatwright_` is put before the name."""
    return Counter(f"seatwright_{name}", meaning, labels, registry=REGISTRY)


def gauge(name: str, meaning: str, *labels: str) -> Gauge:
    """A number that goes up and down."""
    return Gauge(f"seatwright_{name}", meaning, labels, registry=REGISTRY)


def histogram(name: str, meaning: str, *labels: str) -> Histogram:
    """Seconds, in buckets around the budgets of `N2`."""
    return Histogram(
        f"seatwright_{name}", meaning, labels, registry=REGISTRY, buckets=_LATENCY_BUCKETS
    )


def exposition() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)


REQUEST_SECONDS = histogram("request_seconds", "Time to answer a request", "route", "status_class")
DEGRADED = counter(
    "degraded_total", "Answers given without a dependency that should have helped", "what"
)
UNKNOWN_OUTCOMES = counter("unknown_outcomes_total", "Writes whose outcome was not known", "where")
BACKLOG = gauge("backlog_messages", "Messages waiting in a queue", "queue")
DEAD_LETTERS = counter("dead_letters_total", "Messages given up and kept", "consumer")
