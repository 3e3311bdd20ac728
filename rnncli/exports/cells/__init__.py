"""The nodes of the cells, a file each. A cell without a file here cannot be exported."""
