"""`python -m migrate`, for where the `unsplit` command is not on the path."""

from migrate.cli import main

if __name__ == "__main__":
    main()
