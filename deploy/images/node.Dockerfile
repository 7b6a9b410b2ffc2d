# The environment of current TensorFlow: the operator's evaluator, and a node provider's node. Built from the checkout's root:
#   docker build -f deploy/images/node.Dockerfile -t ecodml/node .
FROM python:3.11-slim-bookworm
RUN pip install --no-cache-dir uv==0.13.9 && useradd --uid 10001 --create-home ecodml
WORKDIR /app
COPY fl_nodes/pyproject.toml fl_nodes/uv.lock fl_nodes/
RUN UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv \
    uv sync --frozen --no-default-groups --compile-bytecode --project fl_nodes --extra node
COPY fl_nodes fl_nodes
USER 10001
ENV PYTHONUNBUFFERED=1 TF_CPP_MIN_LOG_LEVEL=2
# `fl_nodes.evaluator` for the operator; a node provider runs `fl_nodes.cli`.
ENTRYPOINT [".venv/bin/python", "-m"]
CMD ["fl_nodes.evaluator"]
