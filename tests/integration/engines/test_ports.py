"""Ports for engines and services that start at once."""

from seatwright.run.engines.ports import free_port


def test_no_port_is_given_twice():
    # They come from some ten thousand: by chance alone two of so many would be the same.
    given = [free_port() for _ in range(600)]
    assert len(set(given)) == len(given)
