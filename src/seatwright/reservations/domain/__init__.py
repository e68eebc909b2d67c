"""Deciding which seats are whose: pure functions, no clock and no await."""
