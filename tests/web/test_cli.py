"""`serve` refuses what it must, in one sentence."""

import socket

import pytest

from geo_risk.errors import StoreError, UsageError
from geo_risk_web.cli import PortBusyError, listen, serve


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_hosts_that_others_can_reach_are_refused(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        listen(host, 0)
    assert "127.0.0.1" in caught.value.say("zh")


def test_a_busy_port_says_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortBusyError) as caught:
            listen("127.0.0.1", taken.getsockname()[1])
    assert "--port 0" in caught.value.say("en")
    assert caught.value.exit_code == 1


def test_port_0_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.getsockname()[1] > 0


def test_a_missing_store_is_named(tmp_path: object) -> None:
    with pytest.raises(StoreError) as caught:
        serve.main(["--db", f"{tmp_path}/none.gpkg"], standalone_mode=False)
    assert "none.gpkg" in caught.value.say("zh")
