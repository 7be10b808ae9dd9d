"""One's own keys: bound by their place, refused where they are taken, kept with the person, put back."""

import json
import re

import pytest

from helpdesk.web.keys import keys


@pytest.fixture
def desk_of(signed_in):
    class Reader:
        def __init__(self, role):
            self.client = signed_in(role)

        def bind(self, **form):
            return self.client.post("/me/keys", data={"csrf_token": self.client.csrf, **form})

        def codes(self):
            page = (
                self.client.get("/").text
                if self.client.get("/").status_code == 200
                else self.client.get("/views/mine").text
            )
            found = json.loads(re.search(r'id="page-keys">(.*?)</script>', page, re.DOTALL)[1])
            return {key["id"]: (key["after"], key["shift"], key["code"]) for key in found}

    return Reader


def test_a_key_is_changed_kept_and_put_back(desk_of):
    agent, colleague = desk_of("agent"), desk_of("supervisor")
    answer = agent.bind(id="resolve", code="KeyD")
    assert [key["outside"] for key in answer.get_json() if key["id"] == "resolve"] == ["D"]
    assert agent.codes()["resolve"] == ("", False, "KeyD")
    assert colleague.codes()["resolve"] == ("", False, "KeyE")
    page = agent.client.get("/views/all").text
    assert 'data-key-of="resolve">D<' in page
    agent.bind(id="resolve", code="")
    assert agent.codes()["resolve"] == ("", False, "KeyE")
    agent.bind(id="go-all", code="KeyW"), agent.bind(id="note", code="Semicolon")
    assert (agent.codes()["go-all"], agent.codes()["note"]) == (("KeyG", False, "KeyW"), ("", False, "Semicolon"))
    agent.bind()
    assert agent.codes() == colleague.codes()


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("resolve", "KeyJ", "taken already: Next ticket"),
        ("resolve-next", "KeyJ", "taken already: Extend the selection"),
        ("go-all", "KeyQ", "taken already: Go to my queue"),
        ("resolve", "KeyG", "begins the keys that go to a page"),
        ("resolve-next", "Slash", "shows all keys"),
        ("resolve", "Enter", "choose a letter"),
        ("resolve", "KeyJJ", "choose a letter"),
        ("resolve", "<script>", "choose a letter"),
    ],
)
def test_a_key_that_cannot_be_had_is_a_sentence(desk_of, key, code, words):
    agent = desk_of("agent")
    answer = agent.bind(id=key, code=code)
    assert answer.status_code == 422 and words in answer.text
    assert agent.codes() == {each.id: each.place for each in keys.TABLE}


def test_what_stays_as_it_is_and_what_is_nothing(desk_of):
    agent = desk_of("agent")
    assert agent.bind(id="palette", code="KeyD").status_code == 404
    assert agent.bind(id="nothing", code="KeyD").status_code == 404


def test_a_key_that_was_freed_can_be_had(desk_of):
    agent = desk_of("agent")
    agent.bind(id="next", code="KeyH")
    assert agent.bind(id="previous", code="KeyJ").status_code == 200
    assert agent.bind(id="next", code="").status_code == 422, "its own old place is taken now"


def test_no_two_keys_of_the_desk_have_one_place():
    places = [key.place for key in keys.TABLE if key.code]
    assert len(places) == len(set(places)) and not set(places) & set(keys.TAKEN)


def test_the_settings_of_an_admin_have_a_key(desk_of):
    assert desk_of("admin").codes()["go-admin"] == ("KeyG", False, "KeyS")
    assert "go-admin" not in desk_of("agent").codes()
