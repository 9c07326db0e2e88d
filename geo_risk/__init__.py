"""geo_risk: a city's safety risk map, offline and on one small machine (城市安全风险一张图)."""

__version__ = "0.1.0"
