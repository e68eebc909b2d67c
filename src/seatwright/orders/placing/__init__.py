"""Placing: a hold token becomes an order with every seat claimed, or nothing happens."""
