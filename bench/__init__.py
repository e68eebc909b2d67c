"""Benches: each starts its own installation, loads it, checks what came of it, and writes down."""
