"""`python -m asyncblock_lint`."""

from asyncblock_lint.cli import main

if __name__ == "__main__":
    main()
