-- Delivery to the end: whose mails they are, and mails about an event to all of its orders.

ALTER TABLE catalog.organisations ADD COLUMN reply_to text NOT NULL DEFAULT '';
