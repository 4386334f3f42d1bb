"""Names of sandboxes and scenarios, which have the same form."""

import re

LONGEST_NAME = 40
"""In characters."""
NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_NAME - 1}}}")
"""For `fullmatch`; its `pattern` is for keys and ids that contain a name."""
