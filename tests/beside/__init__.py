"""The emulator in one process with other tools of a test, which change what all of the process uses."""
