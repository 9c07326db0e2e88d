"""Settings: one list, one variable each, and a wrong value is named."""

from __future__ import annotations

import pytest

from geo_risk import settings
from geo_risk.errors import UsageError


def test_every_setting_has_a_variable_and_a_sentence_in_both_languages() -> None:
    names = [setting.name for setting in settings.SETTINGS]
    assert len(names) == len(set(names))
    for setting in settings.SETTINGS:
        assert setting.variable == "GEO_RISK_" + setting.name.upper()
        assert all(setting.sentence.values())
        assert settings.text(setting.name, {}) == str(setting.default)


def test_the_environment_wins_and_an_empty_value_is_none() -> None:
    assert settings.number("page_limit", {"GEO_RISK_PAGE_LIMIT": "7"}) == 7
    assert settings.number("page_limit", {"GEO_RISK_PAGE_LIMIT": ""}) == 10_000
    assert settings.text("db", {"GEO_RISK_DB": "a.gpkg"}) == "a.gpkg"


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "１２", "1e3", " 5"])
def test_a_number_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings.number("query_seconds", {"GEO_RISK_QUERY_SECONDS": value})
    assert caught.value.where == "GEO_RISK_QUERY_SECONDS"
    assert caught.value.got == value
    assert "10" in caught.value.fix["en"]
