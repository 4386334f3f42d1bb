"""`python -m emulator`: the same as the `emulator` command."""

from emulator.cli import main

main()
