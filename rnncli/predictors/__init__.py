"""A model and its input to rows."""
