from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_risk_web.app import create_app
from tests.web import small_city


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(
        small_city.build(tmp_path_factory.mktemp("web")), test_config={"TESTING": False}
    )
    yield app
    app.extensions["geo_risk_store"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
