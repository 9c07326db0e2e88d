"""Who may ask, and what a browser may do with the answer."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, request

from geo_risk.errors import GeoRiskError, Text

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class HostRefusedError(GeoRiskError):
    """The request names another host: a foreign page that re-bound its name to this machine."""

    status = 421


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without a port, is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_name() -> str:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def _refuse_other_hosts() -> None:
    if not is_loopback(_host_name()):
        raise HostRefusedError(
            "host_refused",
            Text("只接受发往本机的请求", "Only requests to this machine are answered"),
            where="Host",
            got=request.headers.get("Host"),
            fix=Text("请用 http://127.0.0.1 打开", "Open it as http://127.0.0.1"),
        )


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def init_app(app: Flask) -> None:
    """Refuse foreign hosts; put the security headers on every response."""
    app.before_request(_refuse_other_hosts)
    app.after_request(_add_headers)
