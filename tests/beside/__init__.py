"""The emulator in one process with other tools for tests, which change things for the whole process."""
