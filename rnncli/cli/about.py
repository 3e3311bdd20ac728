"""What `rnncli` alone and `rnncli --version` say."""

from rnncli import __version__
from rnncli.errors import on_screen

WHAT = "rnncli trains recurrent networks on texts, logs and tables, predicts with them, and shows how they work."
EXAMPLES = (
    ("rnncli train tales.txt --minutes 1", "learn a text"),
    ('rnncli predict tales.safetensors --prompt "Once upon"', "go on with it"),
    ("rnncli train reviews.csv --text review --label stars", "learn labels of texts"),
    ("rnncli train load.csv --target load --horizon 24", "learn to forecast"),
    ("rnncli predict load.safetensors load.csv", "its next 24 steps"),
    ("rnncli inspect tales.safetensors", "what is in a model"),
)
MORE = "rnncli train FILE --explain shows what is found in a file, rnncli VERB --help the options of a verb."
WIDE = 80  # columns of the guide; in fewer, what a command does stands above it
#: of a CPU -> as people call them; the kernels are compiled for those that it has
FEATURES = {"avx2": "AVX2", "fma": "FMA", "avx512f": "AVX-512", "neon": "NEON"}


def guide() -> str:
    """What `rnncli` alone says, in lines that end between words on a terminal."""
    import sys
    from os import get_terminal_size

    narrow = sys.stdout.isatty() and 0 < get_terminal_size(sys.stdout.fileno()).columns < WIDE
    column = max(len(command) for command, _ in EXAMPLES)
    lines = [f"  # {what}\n  {command}" if narrow else f"  {command:<{column}}  {what}" for command, what in EXAMPLES]
    return "\n".join([on_screen(WHAT, sys.stdout), "", *lines, "", on_screen(MORE, sys.stdout)])


def version_line() -> str:
    """The version, and all that the speed and the bits of a training depend on."""
    import platform
    from importlib.metadata import version

    from llvmlite.binding import get_host_cpu_features  # without Numba, which takes longer to load

    from rnncli.kernels.cpus import usable_cpus

    has = get_host_cpu_features()
    cpu = " ".join([platform.machine(), *(word for name, word in FEATURES.items() if has.get(name))])
    libraries = ", ".join(f"{name} {version(name.lower())}" for name in ("NumPy", "Numba"))
    cores = usable_cpus()
    machine = f"{cpu}, {cores} core{'s' * (cores > 1)}"
    return f"rnncli {__version__} (Python {platform.python_version()}, {libraries}, {machine})"
