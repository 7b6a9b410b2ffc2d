"""Bulk data: a folder served with signed URLs."""

from backend.adapters.storage.folder import FolderObjects, Progress
from backend.adapters.storage.links import Grant

__all__ = ["FolderObjects", "Grant", "Progress"]
