"""A run as a file: written and read without loss, played again to the same bytes, and every forgery found."""

import json
from types import SimpleNamespace

import nbformat
import pytest
from click.testing import CliRunner

from helpdesk.api.errors import Invalid
from training.cli import training
from training.engine import Turn, start, step, tick
from training.notebook import read_run, write_run
from training.replaying import compare, release_in

from ..reader import read

TEXTS = ["Hello\r\n\r\n  there \n", "I understand", "%%bash\n!ls, sorry", "hm", "hm", "hm"]


@pytest.fixture
def run(scenario):
    phrase = lambda run, who, planned: f"«{planned}»" if "?" in planned else planned
    run = start(scenario, "en", 3, phrase=phrase)
    for number, text in enumerate(TEXTS, 1):
        run, _new = step(run, Turn(text, number * 20.125, ("note",)), read, phrase)
    run, _new = step(run, Turn(at=130.0, choice=1), read, phrase)
    run, _new = tick(run, 400.5, phrase=phrase)
    return step(run, Turn("A refund; myself", 500.0), read, phrase)[0]


def test_a_run_is_a_valid_notebook_that_replays(run, scenario):
    content = write_run(run)
    nbformat.validate(nbformat.reads(content.decode(), as_version=4))
    assert write_run(run) == content
    recording = read_run(content)
    assert [event for output in recording.outputs for event in output] == list(run.events)
    assert compare(recording, scenario, read) == {"same": True, "events": len(run.events), "end": None, "score": 0.0}
    sources = ["".join(cell["source"]) for cell in json.loads(content)["cells"]]
    assert sources[1] == "%%reply at=20.125 actions=note\nHello\n\n  there"
    assert sources[3].endswith("\n%%bash\n!ls, sorry") and sources[7].startswith("%%choice 1 at=130\nAsk what")
    assert "Nasrin Sadri: " in json.loads(content)["cells"][0]["outputs"][0]["data"]["text/plain"][0]


FORGERIES = {
    '"by": -1': '"by": -4',
    '"value": 6': '"value": 1',
    "A refund; myself": "A refund",
}


def test_a_forged_run_differs_at_the_cell_or_is_refused(run, scenario):
    content = write_run(run).decode()
    for old, new in FORGERIES.items():
        assert content.count(old), old
        result = compare(read_run(content.replace(old, new, 1).encode()), scenario, read)
        assert not result["same"] and result["cell"] >= 1, old
    with pytest.raises(Invalid, match="^Cell 2"):
        read_run(content.replace('"kind": "fallback"', '"kind": "acknowledged"', 1).encode())
    other = json.loads(content)
    other["cells"][2], other["cells"][3] = other["cells"][3], other["cells"][2]
    assert not compare(read_run(json.dumps(other).encode()), scenario, read)["same"]
    other["cells"][1]["source"] = "%%reply\nno second"
    with pytest.raises(Invalid, match="^Cell 2"):
        read_run(json.dumps(other).encode())
    with pytest.raises(Invalid, match="another release"):
        compare(read_run(content.replace(scenario.hash, "0" * 64).encode()), scenario, read)


def test_commands_answer_with_one_json_line(run, scenario, text, tmp_path):
    """check, replay with and without the release: exit status and one line."""
    (tmp_path / "run.ipynb").write_bytes(write_run(run))
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    (tmp_path / "bad.yaml").write_text(text.replace("start: opening", "start: nowhere"), "utf-8")
    (tmp_path / "bad.ipynb").write_text("{}", "utf-8")

    def ask(command, name, *words):
        nowhere = SimpleNamespace(config=SimpleNamespace(data_dir=tmp_path / "no desk"))
        done = CliRunner().invoke(training, [command, str(tmp_path / name), *words], obj=nowhere)
        lines = done.stdout.splitlines()
        assert len(lines) == 1, done
        return done.exit_code, json.loads(lines[0]), done.stderr

    code, answer, said = ask("check", "bad.yaml")
    assert (
        code == 1 and answer["findings"][0]["code"] == "unknown-state" and f":{answer['findings'][0]['line']}:" in said
    )
    code, answer, _said = ask("check", "bad.ipynb")
    assert code == 1 and answer["kind"] == "workshop" and answer["problem"]
    code, answer, _said = ask("replay", "run.ipynb")
    assert code == 2 and scenario.hash in answer["problem"]
    code, answer, _said = ask("replay", "run.ipynb", "--workshop", str(tmp_path / "s.yaml"))
    assert code in (0, 1) and answer["same"] is (code == 0)
    assert release_in(text.encode(), scenario.hash) == scenario and release_in(text.encode(), "0" * 64) is None
