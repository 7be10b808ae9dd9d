"""What the environment says: clear sentences for what cannot be, and one secret key however many begin at once."""

import stat
import subprocess
import sys

import pytest

from helpdesk.config import from_environment
from helpdesk.core.errors import Invalid
from helpdesk.security import http
from helpdesk.testing.processes import ROOT


@pytest.mark.parametrize("port", ["abc", "", "0", "65536", "۸۰۰۰", "-1", "80 80"])
def test_a_port_that_is_none_is_a_sentence(tmp_path, port):
    with pytest.raises(Invalid, match="HELPDESK_PORT must be a port number"):
        from_environment({"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PORT": port})


def test_nobody_else_on_the_machine_reads_the_data(tmp_path):
    from_environment({"HELPDESK_DATA_DIR": str(tmp_path / "new")})
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize("folder", ["/proc/nothing", "/etc/passwd", "/etc/passwd/var"])
def test_a_data_folder_that_cannot_be_is_a_sentence(folder):
    with pytest.raises(Invalid, match="HELPDESK_DATA_DIR"):
        from_environment({"HELPDESK_DATA_DIR": folder})


@pytest.mark.parametrize("value", ["$env:NOT_THERE", "$file:/not/there", "$file:/etc", "$env:"])
@pytest.mark.parametrize("name", ["HELPDESK_SECRET_KEY", "HELPDESK_DATABASE_URL", "HELPDESK_REDIS_URL"])
def test_a_secret_that_stands_nowhere_is_a_sentence_and_not_an_empty_secret(tmp_path, name, value):
    with pytest.raises(Invalid, match=name):
        from_environment({"HELPDESK_DATA_DIR": str(tmp_path), name: value})


def test_a_secret_may_stand_elsewhere(tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    environment = {"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_SECRET_KEY": f"$file:{tmp_path / 'key'}"}
    assert from_environment(environment).secret_key == "from a file"
    environment |= {"HELPDESK_SECRET_KEY": "$env:KEY", "KEY": "from a variable"}
    assert from_environment(environment).secret_key == "from a variable"


def test_processes_that_begin_at_once_share_one_key(tmp_path):
    script = (
        "from helpdesk.config import from_environment as f; import sys; print(f({'HELPDESK_DATA_DIR': "
        "sys.argv[1]}).secret_key)"
    )
    begun = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(6)
    ]
    keys = {process.communicate()[0].strip() for process in begun}
    assert len(keys) == 1 and len(keys.pop()) >= 48
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize(("proxies", "seen"), [("0", "127.0.0.1"), ("1", "203.0.113.7")])
def test_a_proxys_word_on_the_visitor_is_believed_only_when_there_is_one(tmp_path, proxies, seen):
    from flask import request

    from helpdesk.app import create_app

    app = create_app(
        from_environment({"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PLUGINS": "", "HELPDESK_PROXIES": proxies})
    )
    reported = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: reported.append(request.remote_addr))
    app.test_client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.7"})
    assert reported == [seen]


@pytest.mark.parametrize(
    ("given", "reached"),
    [({}, []), ({"HELPDESK_PRIVATE_NETWORKS": "10.2.0.0/16"}, ["10.2.0.1"]), ({"HELPDESK_PRIVATE_ADDRESSES": "1"}, ["127.0.0.1", "::1", "10.2.0.1"])],
)  # fmt: skip
def test_private_addresses_are_called_only_when_they_are_named(tmp_path, monkeypatch, given, reached):
    monkeypatch.setattr(http, "_private", [])
    config = from_environment({"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PLUGINS": "", **given})
    http.allow_private(config.private_networks)
    assert [ip for ip in ("127.0.0.1", "::1", "10.2.0.1", "169.254.169.254") if http.is_allowed(ip)] == reached
