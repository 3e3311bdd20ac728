"""Plain data to the screen or a pipe; the only importer of rich."""
