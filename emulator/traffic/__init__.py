"""Real traffic compared with what the emulator knows about a provider: schemas, errors, life cycles. Pure: reads no
files."""
