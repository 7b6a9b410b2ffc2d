"""The operator's side of EcoDML: quotes, tickets, rounds, verification, settlement."""
