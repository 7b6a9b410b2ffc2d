"""Libraries that look for IPv6 when they are imported are imported before sockets are closed to the tests."""

import pvlib  # noqa: F401
import windpowerlib  # noqa: F401
