"""What this process is to the system: signals, temporary files, other processes, and what it is at."""
