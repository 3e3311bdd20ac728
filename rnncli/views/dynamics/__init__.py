"""`--view dynamics`: where a network can stay, and how fast its states drift apart."""
