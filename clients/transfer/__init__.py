"""Load a table from a file, and dump a table to one, through the gateway."""
