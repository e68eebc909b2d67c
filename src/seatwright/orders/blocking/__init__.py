"""House blocks: seats an organiser keeps from sale, as claims without an order."""
