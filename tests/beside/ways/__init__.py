"""One suite against an emulator in a thread with sockets, one without any socket, and one in another process."""
