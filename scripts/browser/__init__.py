"""A real browser with a test wallet in it: what the end-to-end tests, the web bench and the pictures look through."""
