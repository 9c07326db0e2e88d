"""An online geocoder only suggests: off by default, checked, never straight onto the map."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from geo_risk.errors import GeoRiskError, UsageError
from geo_risk.geocoding import Match
from geo_risk.services import geocoding
from geo_risk.services.geocoding import geocode_addresses
from geo_risk.vocabulary import MatchLevel

UNKNOWN = "石狮市宝盖镇某某大厦三楼"
ELSEWHERE = "石狮市英林镇某厂"
ASKED: list[str] = []


class Fake:
    """Answers 118.65, 24.73 to everything but what names 外地."""

    name = "fake"

    def geocode(self, addresses):
        ASKED.extend(addresses)
        return [
            Match(
                118.0 if "外地" in text else 118.65,
                24.73,
                MatchLevel.DOOR,
                40.0,
                0.9,
                None,
                None,
                (),
            )
            for text in addresses
        ]


class Short(Fake):
    def geocode(self, addresses):
        return []


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    ASKED.clear()
    entries = [
        EntryPoint(name, f"{__name__}:{kind}", "geo_risk.geocoders")
        for name, kind in (("fake", "Fake"), ("short", "Short"))
    ]
    kinds = {"Fake": Fake, "Short": Short}
    monkeypatch.setattr(EntryPoint, "load", lambda entry: kinds[entry.value.partition(":")[2]])
    monkeypatch.setattr(geocoding, "entry_points", lambda group: entries)
    monkeypatch.delenv("GEO_RISK_GEOCODER", raising=False)


def test_it_is_off_by_default(shishi):
    geocode_addresses(shishi.store, [UNKNOWN])
    assert ASKED == []


def test_its_answer_is_a_candidate_and_never_a_position(shishi, monkeypatch):
    monkeypatch.setenv("GEO_RISK_GEOCODER", "fake")
    (got,) = geocode_addresses(shishi.store, [UNKNOWN])
    assert not got.placed
    assert got.match.lon is None
    assert "online_candidate" in got.match.reasons
    first = got.match.alternatives[0]
    assert (first.code, first.lon, first.lat) == ("online:fake", 118.65, 24.73)


def test_it_is_asked_only_for_what_is_left(shishi, monkeypatch):
    monkeypatch.setenv("GEO_RISK_GEOCODER", "fake")
    door = next(iter(shishi.store.columns(_addresses(), ("name", "town"))))
    placed = f"石狮市{door[0]}"
    found = geocode_addresses(shishi.store, [placed, UNKNOWN, UNKNOWN, "", ELSEWHERE], None)
    assert ASKED == [UNKNOWN]
    assert found[0].placed
    assert "online_candidate" not in found[4].match.reasons, "a contradiction is not resolved"


def test_what_lies_outside_the_city_is_not_even_suggested(shishi, monkeypatch):
    monkeypatch.setenv("GEO_RISK_GEOCODER", "fake")
    (got,) = geocode_addresses(shishi.store, [f"{UNKNOWN}外地"])
    assert "online_candidate" not in got.match.reasons


def test_an_unknown_or_failing_one_is_said(shishi, monkeypatch):
    monkeypatch.setenv("GEO_RISK_GEOCODER", "other")
    with pytest.raises(UsageError) as unknown:
        geocode_addresses(shishi.store, [UNKNOWN])
    assert unknown.value.where == "GEO_RISK_GEOCODER"
    assert "fake" in unknown.value.fix["zh"]
    monkeypatch.setenv("GEO_RISK_GEOCODER", "short")
    with pytest.raises(GeoRiskError) as failed:
        geocode_addresses(shishi.store, [UNKNOWN])
    assert failed.value.code == "geocoder_failed"


def _addresses():
    from geo_risk.store import Query

    return Query("addresses", limit=1)
