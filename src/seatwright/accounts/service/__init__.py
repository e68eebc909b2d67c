"""The steps of each use case."""
