"""Typesetting, QR codes, calendars, MIME and SMTP."""
