"""The control API: JSON under `/_emulator`."""
