"""What makes two runs of one segment agree: deterministic operations, no TF32, and a name for what ran it."""

from __future__ import annotations

import os
import platform

import numpy as np


def prepare(threads: int | None = None) -> None:
    """Set TensorFlow up once, before its first operation. `threads` limits the threads of one operation."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def gpus() -> tuple[str, ...]:
    """Names of the GPUs that TensorFlow can use."""
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    return tuple(str(tf.config.experimental.get_device_details(d).get("device_name", "gpu")) for d in devices)


def framework() -> str:
    """The training framework and its version."""
    import keras
    import tensorflow as tf

    return f"tensorflow {tf.__version__}, keras {keras.__version__}"


def environment() -> str:
    """What a replay's numbers may depend on, in one line."""
    device = ", ".join(gpus()) or f"cpu {platform.machine()}"
    return f"{framework()}, numpy {np.__version__}, {device}, deterministic ops, tf32 off"
