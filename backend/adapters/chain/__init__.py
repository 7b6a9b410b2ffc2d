"""The chains: reading them, and the one way of writing to them."""
