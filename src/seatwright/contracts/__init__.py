"""What each service promises to the others: ids, frozen types, refusals, one Protocol each."""
