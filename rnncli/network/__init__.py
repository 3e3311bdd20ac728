"""Embedding, layers and output: forward, backward, one step; and the losses."""
