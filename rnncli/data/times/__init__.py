"""Times: how they are written, which clock they go by, and what a calendar says of them."""
