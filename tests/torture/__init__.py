"""What may go wrong outside of rnncli, at full size: `make torture`. The tests run a small share of it."""
