"""Whose certificates a process believes: the system's, and those of a file; and what is wrong with one that it does not believe.

OpenSSL and the libraries over it read two variables. They are set here, once, for the process and for those it starts, so that
sockets, objects, chains and mail servers are all held to the same certificates.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import ssl
from pathlib import Path

import certifi

from fl_nodes.errors import Refused

VARIABLE = "ECODML_CA_FILE"
_OPENSSL, _REQUESTS = "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_DEEPEST = 12
_UNKNOWN_ISSUER = ("unable to get local issuer", "unable to get issuer", "self-signed", "self signed")


def trust(ca_file: Path | None = None) -> None:
    """Believe the certificates of `ca_file`, or of the file that `ECODML_CA_FILE` names, beside the system's.

    ValueError, with a sentence, for a file that holds none.
    """
    named = ca_file or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    believed = _system()
    if named is not None:
        believed = _joined(believed, named)
        os.environ[VARIABLE] = str(named.absolute())
    os.environ[_OPENSSL] = str(believed)
    # Set by the caller it stands, unless a file was named, which must count everywhere.
    if named is not None or not os.environ.get(_REQUESTS):
        os.environ[_REQUESTS] = str(believed)


def certificate_problem(error: BaseException) -> str | None:
    """What is wrong with the other side's certificate, where that is why `error` came; None for other reasons."""
    rejected = _rejected(error, _DEEPEST)
    if rejected is None:
        return None
    why = rejected.verify_message.rstrip(".")
    hint = (
        f"; if its authority is to be trusted, name that one's certificate with --ca-file or {VARIABLE}"
        if why.startswith(_UNKNOWN_ISSUER)
        else ""
    )
    return f"its certificate is not valid: {why}{hint}"


def ca_file_option(parser: argparse.ArgumentParser) -> None:
    """`--ca-file`, of every command that dials."""
    parser.add_argument(
        "--ca-file",
        type=Path,
        metavar="FILE",
        help=f"certificates (PEM) to trust beside the system's (${VARIABLE})",
    )


def trusting(ca_file: Path | None) -> None:
    """Dial nobody without a valid certificate; Refused `node.ca_file` for a file that holds none."""
    try:
        trust(ca_file)
    except ValueError as error:
        raise Refused("node.ca_file", str(error)) from error


def _rejected(error: object, depth: int) -> ssl.SSLCertVerificationError | None:
    """The verification's error inside what libraries wrapped it in."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error
    if not isinstance(error, BaseException) or depth == 0:
        return None
    inner = (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args)
    return next((found for each in inner if (found := _rejected(each, depth - 1))), None)


def _system() -> Path:
    """The system's certificates in one file; where it has none, those that the web's browsers believe."""
    chosen = (os.environ.get(_OPENSSL), ssl.get_default_verify_paths().cafile, *_BUNDLES)
    return next((Path(file) for file in chosen if file and Path(file).is_file()), Path(certifi.where()))


def _joined(system: Path, ca_file: Path) -> Path:
    try:
        own = ca_file.read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=own.decode("ascii"))
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise ValueError(f"{ca_file} holds no certificates in PEM form that can be read.") from error
    both = system.read_bytes()
    if own not in both:
        both = both.rstrip() + b"\n" + own
    # By its content: whoever joins the same files finds the same file, and none is left over.
    file = _cache() / f"trusted-{hashlib.sha256(both).hexdigest()[:16]}.pem"
    if not file.is_file() or file.read_bytes() != both:
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = file.with_suffix(f".{os.getpid()}.part")
            unfinished.write_bytes(both)
            unfinished.replace(file)
        except OSError as error:
            raise ValueError(
                f"{file.parent} cannot be written, where the trusted certificates are put together."
            ) from error
    return file


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ecodml"
