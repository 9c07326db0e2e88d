"""The browser side of geo_risk: a Flask app over `geo_risk.services`, and `serve` and `demo`."""
