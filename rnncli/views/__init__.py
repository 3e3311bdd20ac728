"""What a network does, as plain data: a view per file. `render` draws it."""
