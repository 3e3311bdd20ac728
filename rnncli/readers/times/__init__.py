"""Times in files: which columns hold them, and what their values are."""
