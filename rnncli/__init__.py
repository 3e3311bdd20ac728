"""rnncli: train recurrent networks on sequence files from the shell, pipe their predictions, look inside."""

__version__ = "0.1.0"
