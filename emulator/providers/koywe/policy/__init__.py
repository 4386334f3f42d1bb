"""The rules that let operations pass or hold them, and the approvals of those that are held."""
