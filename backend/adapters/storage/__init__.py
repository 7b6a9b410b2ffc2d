"""Bulk data: a folder served with signed URLs, or a bucket. Google's client is imported only where it is used."""
