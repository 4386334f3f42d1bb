"""What people and tools are shown. Everything here is worked out from the tables that the emulator runs by."""
