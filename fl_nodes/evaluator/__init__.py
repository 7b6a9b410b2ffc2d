"""The operator's worker that makes first models, measures models, and writes the customer's files."""
