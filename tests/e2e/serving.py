"""The web app of a store on a free port of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(store: str) -> Iterator[str]:
    """The address while it is served."""
    from waitress.server import create_server

    from geo_risk_web.app import create_app

    app = create_app(store)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = create_server(app, sockets=[listening], threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.trigger.pull_trigger(server.close)
    thread.join(5)
    app.extensions["geo_risk_store"].close()
