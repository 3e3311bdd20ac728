"""The program: `rnncli` and `python -m rnncli`."""

import gc

from rnncli.process import signals

OBJECTS = 200_000  # Start-up makes fewer, all of which stay: one collection of them takes 50 ms.


def main() -> None:
    """Run the command line."""
    signals.catch()
    gc.set_threshold(OBJECTS)
    from rnncli.cli import main as run

    run()


if __name__ == "__main__":
    main()
