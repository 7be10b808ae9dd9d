"""The example scenario, with all the schema has."""

from pathlib import Path

import pytest

from training.language import load

EXAMPLE = Path(__file__).with_name("wet-book.yaml")


@pytest.fixture
def text():
    return EXAMPLE.read_text("utf-8")


@pytest.fixture
def scenario(text):
    return load(text)
