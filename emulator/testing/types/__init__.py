"""Types of what calls take and give, for type checkers: `names`, `arguments` and `answers`.

A misspelt provider, event, status, fault, setting or argument is found before anything runs.
"""
