"""The loop of updates, and what it needs: optimisers, the reach of gradients, warm starts."""
