"""The use cases: scan a ticket, take in what gates scanned offline, count, equip a gate."""
