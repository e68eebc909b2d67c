"""The catalogue's outside: the document store, the search index, the calendar format."""
