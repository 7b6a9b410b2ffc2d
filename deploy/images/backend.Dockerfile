# The server processes: api, dispatcher, settler (`python -m backend NAME`). Built from the checkout's root:
#   docker build -f deploy/images/backend.Dockerfile -t ecodml/backend .
FROM node:20-bookworm-slim AS npm
WORKDIR /app
COPY package.json package-lock.json ./
# The pages' libraries, and snarkjs, with which the settler proves certificates.
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm
RUN pip install --no-cache-dir uv==0.13.9 && useradd --uid 10001 --create-home ecodml && \
    install -d -o 10001 /var/lib/ecodml
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN UV_PYTHON_DOWNLOADS=never uv sync --frozen --no-default-groups --compile-bytecode
COPY --from=npm /usr/local/bin/node /usr/local/bin/node
COPY --from=npm /app/node_modules node_modules
COPY backend backend
COPY fl_nodes fl_nodes
COPY frontend frontend
COPY scripts/circuits scripts/circuits
USER 10001
ENV PYTHONUNBUFFERED=1
ENTRYPOINT [".venv/bin/python", "-m", "backend"]
CMD ["api"]
