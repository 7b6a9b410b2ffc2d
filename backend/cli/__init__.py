"""`ecodml`: the customer's journey from a terminal, and what an operator needs to look after the local stack.

It speaks to a running stack through the same HTTP API and contracts as a browser, and keeps what the customer
needs to get the money back alone in a receipt file.
"""
