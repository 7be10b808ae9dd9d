"""Real IMAP servers for the tests: pymap always, Dovecot where it is installed."""

import getpass
import imaplib
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from helpdesk.testing.processes import free_port

DOVECOT = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)
USER, PASSWORD = "ali", "right-secret"

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
mail_max_userip_connections = 100
auth_mechanisms = plain login
default_login_user = {login_user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
first_valid_gid = {gid}
mailbox_idle_check_interval = 1 secs
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


OAUTH = """
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""


def wait_for(port: int, process: subprocess.Popen | None = None) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
                if peer.recv(10):
                    return
        except OSError:
            time.sleep(0.05)
        assert process is None or process.poll() is None, "the server ended at once"
    raise TimeoutError(f"nothing answers on port {port}")


@contextmanager
def pymap(folder: Path):
    """pymap with mail in memory; yields the port."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += [
        "--no-service",
        "admin",
        "--no-service",
        "managesieve",
        "dict",
        "--demo-user",
        USER,
        "--demo-password",
        PASSWORD,
    ]
    with (folder / "pymap.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def dovecot(folder: Path, tokens: str = ""):
    """Dovecot with everything in a folder of its own; yields the port. Who signs in with a token is known by asking
    ``tokens``.
    """
    port, uid, gid = free_port(), os.getuid(), os.getgid()
    user, login_user, group = getpass.getuser(), getpass.getuser(), getpass.getuser()
    if uid == 0:  # Dovecot refuses to keep mail as root
        user, login_user, group, uid, gid = "dovecot", "dovenull", "dovecot", *_ids("dovecot")
    (folder / "mail").mkdir()
    os.chown(folder / "mail", uid, gid)
    for parent in [folder, *folder.parents]:
        if parent == Path("/tmp"):
            break
        parent.chmod(0o755)
    file = folder / "dovecot.conf"
    file.write_text(
        CONFIGURATION.format(
            **{k: v for k, v in locals().items() if isinstance(v, (str, int, Path))}, password=PASSWORD
        )
    )
    if tokens:
        (folder / "oauth2.conf").write_text(f"tokeninfo_url = {tokens}\nusername_attribute = user\n")
        file.write_text(file.read_text() + OAUTH.format(folder=folder))
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(file)], stderr=(folder / "errors").open("wb"))
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _ids(name: str) -> tuple[int, int]:
    import pwd

    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


@contextmanager
def signed_in(port: int):
    """Another mail program on the same mailbox."""
    client = imaplib.IMAP4("127.0.0.1", port, timeout=10)
    client.login(USER, PASSWORD)
    try:
        yield client
    finally:
        client.logout()
