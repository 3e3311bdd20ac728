"""Models, checkpoints and the states of streams as files."""
