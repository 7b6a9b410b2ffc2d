"""The provider's commands: join, run, status, leave, withdraw. Also reached as `ecodml node ...`."""
