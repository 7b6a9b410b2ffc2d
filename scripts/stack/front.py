"""The reverse proxy in front of several API processes: nginx, configured by the template that operators use too."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).resolve().parents[2] / "deploy" / "front" / "front.conf.template"
_NOBODY = "unix:"
_SKIPPED = "max_fails=1 fail_timeout=2s"
# One process: a worker of its own would outlive a killed master, and hold the port.
_WHOLE = """daemon off;
master_process off;
error_log stderr warn;
pid {folder}/nginx.pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


def nginx() -> str | None:
    """The program; Debian keeps it where only administrators look."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def site(listen: str, backends: Sequence[str]) -> str:
    """The template filled in for these `host:port`s."""
    servers = "\n    ".join(f"server {backend} {_SKIPPED};" for backend in backends)
    # nginx's own variables stay as they are.
    return Template(TEMPLATE.read_text(encoding="utf-8")).safe_substitute(
        FRONT_LISTEN=listen, FRONT_BACKENDS=servers, FRONT_TRUSTED=_NOBODY
    )


def write_configuration(folder: Path, listen: str, backends: Sequence[str]) -> Path:
    """A whole configuration in `folder`, which also takes what nginx writes."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "nginx.conf"
    file.write_text(_WHOLE.format(folder=folder, site=site(listen, backends)), encoding="utf-8")
    return file
