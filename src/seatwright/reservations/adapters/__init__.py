"""Doors to Valkey and the broker."""
