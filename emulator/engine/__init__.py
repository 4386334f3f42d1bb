"""All sandboxes of one process: commands, time, sending webhooks, the real clock."""
