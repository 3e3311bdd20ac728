"""What passes between the rooms: sequences of tokens, columns, what they mean, and the batches made of them."""
