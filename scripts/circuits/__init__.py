"""The green certificates' circuits: compiling them, making their keys, proving on the command line."""
