"""The console script: what must start quickly at once; else patches for gevent, then the whole command line."""

import os
import sys


def main() -> None:
    """``helpdesk …``. ``run`` alone is the supervisor, which stays small and quick to start; so does a pipe
    to a running desk.
    """
    os.umask(0o077)  # what the desk writes holds customers' words, wherever its folders are
    if sys.argv[1:] == ["run"]:
        from helpdesk.runtime.supervisor import supervise

        sys.exit(supervise())
    if sys.argv[2:3] == ["pipe"]:
        from helpdesk.cli.pipe import piped

        if (code := piped(sys.argv[1:])) is not None:
            sys.exit(code)
    if sys.argv[1:3] != ["channel", "check"]:  # its proofs fork, which greenlets do not survive
        from gevent import monkey

        monkey.patch_all()
    from helpdesk.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
