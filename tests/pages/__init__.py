"""A package, so that the browser is closed after the last test in here: its event loop would disturb others."""
