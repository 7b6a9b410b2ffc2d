"""The headers that every answer carries. The one place that says what pages may load and whom they may talk to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from backend.config import Settings

HSTS_SECONDS = 365 * 86_400
_UNUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "usb",
)


def register(app: Flask, settings: Settings) -> None:
    """Put them on every answer that does not say otherwise itself."""
    always = {
        "Content-Security-Policy": content_security_policy(settings),
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",  # some wallets open a window and talk to it
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if urlsplit(settings.api_url).scheme == "https":
        always["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}; includeSubDomains"

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def content_security_policy(settings: Settings) -> str:
    """Only this site's own files, nothing inline; `data:` images because wallets announce their icons so (EIP-6963)."""
    site = urlsplit(settings.api_url)
    sockets = f"{'wss' if site.scheme == 'https' else 'ws'}://{site.netloc}"
    connect = " ".join(filter(None, ("'self'", sockets, settings.objects_origin)))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src {connect}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
