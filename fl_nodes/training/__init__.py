"""Local training as a fixed sequence that anyone with the shard can run again: train, replay, score."""
