"""Ticket papers, mails and calendars: everything that leaves for a buyer after the sale."""
