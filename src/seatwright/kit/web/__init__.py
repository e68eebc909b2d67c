"""The edge: requests are bounded, checked and named; every refusal is problem+json."""
