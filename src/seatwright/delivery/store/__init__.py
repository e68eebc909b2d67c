"""The rows of delivery: mails, rounds of mails about an event, outgoing webhooks."""
