"""Frozen networks: features of whole sequences that are drawn and not trained, and a read-out in closed form."""
