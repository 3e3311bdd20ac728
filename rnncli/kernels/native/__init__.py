"""What takes Numba: imported when a kernel has to be compiled, which a warm run never does."""
