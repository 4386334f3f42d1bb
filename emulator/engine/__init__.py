"""All sandboxes of one process: commands in turn, time, carrying of webhooks, the real clock."""
