"""Importing: seats that were sold elsewhere, before this installation or beside it."""
