"""The console script: patches for gevent before anything else is imported, then the command line."""

import os
import sys


def main() -> None:
    """``helpdesk …``. ``run`` alone is the supervisor, which stays small and quick to start."""
    os.umask(0o077)  # what the desk writes holds customers' words, wherever its folders are
    if sys.argv[1:] == ["run"]:
        from helpdesk.runtime.supervisor import supervise

        sys.exit(supervise())
    from gevent import monkey

    monkey.patch_all()
    from helpdesk.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
