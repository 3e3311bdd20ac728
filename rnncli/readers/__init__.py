"""Files in, Columns or Sequences out: a reader for each form of file."""
