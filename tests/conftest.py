"""What the tests share: our own rules and content, read once, and an app that thinks it is a fixed day."""

from __future__ import annotations

from datetime import date

import pytest

from service.decide import Decider
from service.library import Library, load_library
from service.web import create_app

TODAY = date(2026, 11, 23)
LETTER = date(2019, 6, 20)


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def decider(library):
    return Decider(library.rulebase)


@pytest.fixture(scope="session")
def app(library):
    return create_app(library, today=lambda: TODAY)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def refer(client):
    """Ask where to go; the answer must be a good one."""

    def ask(situation, **more):
        response = client.post("/api/v1/referrals", json={"situation": situation, **more})
        assert response.status_code == 200, response.text
        return response.json

    return ask
