"""Pure energy accounting: what readings add up to, and the root that goes on the carbon chain."""
