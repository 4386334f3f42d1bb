"""The console: pages by which people see and steer a sandbox, at `/` on the front door."""
