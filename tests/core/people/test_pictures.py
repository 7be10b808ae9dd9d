"""Pictures of people: two saved at the same moment, and what somebody is told whose picture nobody could look at."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from helpdesk.core.errors import Unavailable
from helpdesk.core.people import pictures, users
from helpdesk.core.people.models import User, UserPicture
from helpdesk.testing import small_runtime


def test_the_later_of_two_pictures_stays(tmp_path, postgres_url):
    runtime = small_runtime(tmp_path, database_url=postgres_url)
    try:
        with runtime.uow() as uow, ThreadPoolExecutor(1) as other:
            sara = users.add(uow, "sara@desk.example", "Sara").id
            with uow.writing():
                pictures._keep(uow, sara, b"one")
                later = other.submit(keep, runtime, sara, b"two")
                sleep(0.3)
            later.result(10)
        with runtime.uow() as uow:
            (kept,) = uow.session.query(UserPicture)
            assert kept.content == b"two"
            assert uow.session.get_one(User, sara).preferences["picture"] == kept.digest
    finally:
        runtime.engine.dispose()


def keep(runtime, user_id, made):
    with runtime.uow() as uow:
        pictures._keep(uow, user_id, made)


def test_a_busy_desk_says_so_and_not_that_the_picture_is_none(small, monkeypatch):
    person = small.user()

    def busy(_content):
        raise Unavailable("The desk cannot do this right now.")

    monkeypatch.setattr(small.runtime.parser, "picture", busy, raising=False)
    with pytest.raises(Unavailable):
        pictures.set_picture(small.uow, person.id, b"x")
