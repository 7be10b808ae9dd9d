"""Signs people out of a desk whose disk has no byte left; run by test_full_sign_out.py on a small disk of its own."""

import errno
import os
import secrets
import sys
from pathlib import Path

from sqlalchemy.exc import OperationalError

from helpdesk.app import create_app
from helpdesk.core.errors import out_of_space
from helpdesk.core.people import sessions, users
from helpdesk.core.people.models import EndedSession
from helpdesk.security import passwords
from helpdesk.testing.desks import small_runtime

PASSWORD = "a long enough password"


def filler(folder: Path) -> None:
    """Take every byte that is left."""
    number = os.open(folder / f"filler{len(list(folder.iterdir()))}", os.O_WRONLY | os.O_CREAT)
    for size in (1 << 20, 4096, 512, 1):
        try:
            while True:
                os.write(number, b"x" * size)
        except OSError as error:
            assert error.errno == errno.ENOSPC
    os.close(number)


def signed_in(app, name: str):
    client = app.test_client()
    client.csrf = client.get("/sign-in").text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    form = {"email": f"{name}@desk.example", "password": PASSWORD, "csrf_token": client.csrf}
    assert client.post("/sign-in", data=form).status_code == 302
    client.csrf = client.get("/me").text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    return client


def signs_out(app, client) -> None:
    """Signing out answers as always, and whoever kept the cookie is out."""
    kept = client.get_cookie("session").value
    assert client.post("/sign-out", data={"csrf_token": client.csrf}).status_code == 302
    thief = app.test_client()
    thief.set_cookie("session", kept)
    assert thief.get("/me").status_code == 401


def written(runtime) -> int:
    with runtime.uow() as uow:
        return uow.session.query(EndedSession).count()


def fill_database(runtime) -> None:
    """Write until there is no page left for anything."""
    with runtime.uow() as uow:
        try:
            while True:
                with uow.writing() as session:
                    session.add(EndedSession(key=secrets.token_hex(16)))
        except OperationalError as error:
            assert out_of_space(error)


def main(folder: Path) -> None:
    passwords.weaken()
    runtime = small_runtime(folder)
    with runtime.uow() as uow:
        for name in ("one", "two", "admin"):
            role = "admin" if name == "admin" else "agent"
            users.add(uow, f"{name}@desk.example", name, role, passwords.hash_password(PASSWORD))
    app = create_app(runtime.config, runtime)
    one, two, admin = (signed_in(app, name) for name in ("one", "two", "admin"))
    runtime.reserve.keep()
    filler(folder)
    signs_out(app, one)
    assert written(runtime) == 1, "on the reserve"
    assert not runtime.reserve.path.exists()
    filler(folder)
    fill_database(runtime)
    before = written(runtime)
    signs_out(app, two)
    assert written(runtime) == before, "there is no room at all: this process remembers it"
    for file in folder.glob("filler*"):
        file.unlink()
    signs_out(app, admin)
    assert written(runtime) == before + 2 and not sessions._unwritten, "and writes it down once there is room"
    runtime.reserve.keep()
    assert runtime.reserve.path.exists()


main(Path(sys.argv[1]))
