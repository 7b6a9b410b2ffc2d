"""The API described by itself (OpenAPI 3.1), for programs: made from its routes, and the dataclasses it reads and shows."""
