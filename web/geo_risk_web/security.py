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


SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class HostRefusedError(GeoRiskError):
    """The request names another host: a foreign page that re-bound its name to this machine."""

    status = 421


class OriginRefusedError(GeoRiskError):
    """A page of another origin asks for a change."""

    status = 403


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


def _refuse_other_origins() -> None:
    """A change is asked for by the app's own pages, or by a program that is no browser.

    Browsers say with every such request where it comes from. Another port of this machine is the
    same site, but not the same origin.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    host = request.headers.get("Host")
    if origin not in (None, f"http://{host}", f"https://{host}") or site not in (
        None,
        "same-origin",
        "none",
    ):
        raise OriginRefusedError(
            "origin_refused",
            Text("其他网页不能提交更改", "Pages of other origins cannot ask for changes"),
            where="Origin",
            got=origin or site,
            fix=Text("请在本系统的页面中操作", "Do it on a page of this app"),
        )


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def init_app(app: Flask) -> None:
    """Refuse foreign hosts and changes from foreign pages; put security headers on all answers."""
    app.before_request(_refuse_other_hosts)
    app.before_request(_refuse_other_origins)
    app.after_request(_add_headers)
