"""What people and tools are shown. Everything here follows from the tables that the emulator runs on."""
