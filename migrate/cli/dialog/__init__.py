"""The questions of `unsplit wizard`, a file for each part of the talk; what the answers lead to stands in `migrate.cli.wizard`."""
