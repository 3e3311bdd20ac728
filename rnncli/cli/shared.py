"""Options that more than one verb has."""

import typer

MODEL = typer.Argument(metavar="MODEL", help="A model file, or the checkpoint of one in training.")
THREADS = typer.Option("--threads", min=1, max=1024, help="Threads; default: the CPUs that this process may use.")
QUIET = typer.Option("--quiet", "-q", help="No progress on stderr.")
