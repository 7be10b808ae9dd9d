"""The console script: patches for gevent before anything else is imported, then the command line."""

import sys


def main() -> None:
    """``helpdesk …``. ``run`` alone is the supervisor, which stays small and quick to start."""
    if sys.argv[1:] == ["run"]:
        from .supervisor import supervise

        sys.exit(supervise())
    from gevent import monkey

    monkey.patch_all()
    from .cli import main as run

    run()


if __name__ == "__main__":
    main()
