"""Composition roots: what runs where, and the engines beneath it."""
