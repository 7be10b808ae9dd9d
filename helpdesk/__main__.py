"""The console script: patches for gevent before anything else is imported, then the command line."""


def main() -> None:
    """``helpdesk …``"""
    from gevent import monkey

    monkey.patch_all()
    from .cli import main as run

    run()


if __name__ == "__main__":
    main()
