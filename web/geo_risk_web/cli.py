"""`geo-risk serve` and `geo-risk demo`: the map page on this machine."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import webbrowser
from pathlib import Path

import click

from geo_risk.errors import GeoRiskError, StoreError, Text, UsageError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEMO_STORE = "geo_risk_demo.gpkg"
DEMO_CITY = "shishi"
THREADS = 8


class PortBusyError(GeoRiskError):
    """Another program listens where the app should."""

    status = 503


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Refuses hosts that others could reach."""
    from .security import is_loopback

    if not is_loopback(host):
        raise UsageError(
            "host_refused",
            Text("还没有账户，只能在本机提供服务", "There are no accounts yet: this machine only"),
            where="--host",
            got=host,
            fix=Text("请用 --host 127.0.0.1", "Use --host 127.0.0.1"),
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise _cannot_listen(error, port) from None
    return listening


def _cannot_listen(error: OSError, port: int) -> GeoRiskError:
    fix = Text(
        "关闭占用该端口的程序，或换一个端口，例如 --port 0 自动选择",
        "Close the program that uses it, or take another port: --port 0 picks a free one",
    )
    if error.errno == errno.EADDRINUSE:
        message = Text(f"端口 {port} 已被占用", f"Port {port} is in use")
        return PortBusyError("port_busy", message, where="--port", fix=fix)
    message = Text(f"无法使用端口 {port}", f"Port {port} cannot be used")
    return PortBusyError("port_refused", message, where="--port", fix=fix)


def run(target: str, host: str, port: int, *, open_browser: bool) -> None:
    """Serve the store until interrupted; prints the address first."""
    from waitress.server import create_server

    from .app import BODY_LIMIT_BYTES, create_app
    from .opened import close

    with listen(host, port) as listening:
        app = create_app(target)
        bound = listening.getsockname()
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        url = f"http://{name}:{bound[1]}/"
        server = create_server(
            app,
            sockets=[listening],
            threads=THREADS,
            ident=None,
            max_request_body_size=10 * BODY_LIMIT_BYTES,
        )
        click.echo(url)
        click.echo("按 Ctrl+C 结束 · Ctrl+C to stop", err=True)
        if open_browser:
            threading.Timer(0.3, webbrowser.open, (url,)).start()
        try:
            server.run()
        finally:
            server.close()
            close(app)


def _target(context: click.Context, given: str | None, default: str | None = None) -> str:
    from geo_risk import settings

    above = (context.obj or {}).get("db") if isinstance(context.obj, dict) else None
    return given or above or default or settings.text("db")


_HOST = click.option("--host", default=DEFAULT_HOST, show_default=True, help="监听地址 / address")
_PORT = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    envvar="GEO_RISK_PORT",
    help="端口，0 为自动选择 / port, 0 picks a free one",
)
_DB = click.option("--db", help="GeoPackage 文件或 PostGIS 地址 / store: path or URL")


@click.command()
@_DB
@_HOST
@_PORT
@click.pass_context
def serve(context: click.Context, db: str | None, host: str, port: int) -> None:
    """在本机提供地图页面 / Serve the map page on this machine.

    \b
    geo-risk serve --db city.gpkg --port 8000
    """
    target = _target(context, db)
    if "://" not in target and not Path(target).exists():
        raise StoreError(
            "store_missing",
            Text("没有这个数据库", "There is no such store"),
            where=target,
            fix=Text(
                "先用 geo-risk import 导入，或运行 geo-risk demo 看演示",
                "Import something first, or run geo-risk demo",
            ),
        )
    run(target, host, port, open_browser=False)


def _build_demo(target: str, city: str) -> None:
    """Build the demo city unless the store already holds something."""
    from geo_risk.services.demo import build, is_built

    if is_built(target):
        return
    with click.progressbar(length=100, label="演示数据 / demo", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.update(max(0, round(100 * done / max(1, total)) - bar.pos))

        build(target, city, progress)


@click.command()
@click.option("--city", default=DEMO_CITY, show_default=True, help="演示城市 / demo city")
@_DB
@_PORT
@click.option("--no-browser", is_flag=True, help="不打开浏览器 / do not open the browser")
@click.pass_context
def demo(context: click.Context, city: str, db: str | None, port: int, no_browser: bool) -> None:
    """建立演示城市并打开地图 / Build the demo city and open its map.

    \b
    geo-risk demo --port 0 --no-browser
    """
    from geo_risk.services.demo import folder_of

    folder_of(city)
    own = DEMO_STORE if city == DEMO_CITY else f"geo_risk_demo_{city}.gpkg"
    target = _target(context, db, own)
    listen(DEFAULT_HOST, port).close()
    _build_demo(target, city)
    run(target, DEFAULT_HOST, port, open_browser=not no_browser)
