"""Real traffic held to what the emulator knows of a provider: schemas, errors, life cycles. Pure: reads no files."""
