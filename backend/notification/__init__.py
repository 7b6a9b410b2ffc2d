"""Letters to customers: written purely from tickets, sent once."""
