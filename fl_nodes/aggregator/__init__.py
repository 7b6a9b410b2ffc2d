"""The operator's worker that folds accepted updates into the global model."""
