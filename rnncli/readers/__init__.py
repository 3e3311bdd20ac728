"""Files in, Sequences out: a reader per form of file."""
