"""The program: `rnncli` and `python -m rnncli`."""

import gc


def main() -> None:
    """Run the command line."""
    gc.set_threshold(100_000)  # start-up makes many objects that stay: collecting them ten times is a tenth of a second
    from rnncli.cli import main as run

    run()


if __name__ == "__main__":
    main()
