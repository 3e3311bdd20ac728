"""What `rnncli` alone and `rnncli --version` say."""

from rnncli import __version__

GUIDE = """\
rnncli trains recurrent networks on texts, logs and tables, predicts with them, and shows how they work.

  rnncli train tales.txt --minutes 1                      learn a text, write tales.safetensors
  rnncli predict tales.safetensors --prompt "Once upon"   go on with it
  rnncli train reviews.csv --text review --label stars    learn the labels of texts
  rnncli train load.csv --target load --horizon 24        learn to forecast a series
  rnncli predict load.safetensors load.csv                its next 24 steps
  rnncli inspect tales.safetensors                        what is in a model

rnncli train FILE --explain shows what is found in a file, rnncli VERB --help the options of a verb.
"""
#: of a CPU -> as people call them; the kernels are compiled for those that it has
FEATURES = {"avx2": "AVX2", "fma": "FMA", "avx512f": "AVX-512", "neon": "NEON"}


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
