"""`--view memory`: what of the past the state still holds, and how much it matters."""
