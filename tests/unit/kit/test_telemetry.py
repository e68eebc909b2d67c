"""Metrics have the names that dashboards rely on."""

import pytest

from seatwright.kit import telemetry


def test_each_kind_of_metric_is_exposed_under_our_name():
    telemetry.counter("test_sales_total", "Sales", "kind").labels("paid").inc(2)
    telemetry.gauge("test_waiting", "Waiting").set(7)
    telemetry.histogram("test_seconds", "Seconds").observe(0.004)
    text = telemetry.exposition().decode()
    assert 'seatwright_test_sales_total{kind="paid"} 2.0' in text
    assert "seatwright_test_waiting 7.0" in text
    assert 'seatwright_test_seconds_bucket{le="0.005"} 1.0' in text
    assert 'seatwright_test_seconds_bucket{le="0.0025"} 0.0' in text


def test_a_name_is_taken_once():
    telemetry.gauge("test_taken", "x")
    with pytest.raises(ValueError, match="seatwright_test_taken"):
        telemetry.gauge("test_taken", "y")
