"""The HTTP and Socket.IO face of the backend, made from `parts.ApiParts`; docs/api.md describes it."""
