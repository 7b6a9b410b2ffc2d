"""What a node does for a job: train and reveal, validate, sign the verdict."""
