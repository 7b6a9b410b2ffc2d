"""Google Cloud Storage for tests: an emulator from PyPI behind a front that holds requests against the rules it leaves out."""

from tests.support.gcs.server import Gcs, running

__all__ = ["Gcs", "running"]
