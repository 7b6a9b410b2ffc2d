# The operator's aggregator, in the environment of TensorFlow Federated. Built from the checkout's root:
#   docker build -f deploy/images/aggregator.Dockerfile -t ecodml/aggregator .
FROM python:3.11-slim-bookworm
RUN pip install --no-cache-dir uv==0.13.9 && useradd --uid 10001 --create-home ecodml
WORKDIR /app
COPY fl_nodes/pyproject.toml fl_nodes/uv.lock fl_nodes/
RUN UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv \
    uv sync --frozen --no-default-groups --compile-bytecode --project fl_nodes --extra aggregator
COPY fl_nodes fl_nodes
# The rules of aggregation, which are the backend's.
COPY backend/__init__.py backend/errors.py backend/
COPY backend/federated backend/federated
USER 10001
ENV PYTHONUNBUFFERED=1 TF_CPP_MIN_LOG_LEVEL=2
ENTRYPOINT [".venv/bin/python", "-m", "fl_nodes.aggregator"]
