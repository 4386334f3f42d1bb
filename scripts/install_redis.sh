#!/bin/sh
# Sees to it that the tests of shared stores have a Redis server, where that can be done. Never fails: without one they skip.

for server in redis-server valkey-server; do
    command -v "$server" >/dev/null && exit 0
done

as_root=
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    $as_root apt-get update -q
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends redis-server && exit 0
fi
echo 'There is no Redis server here and it can not be installed: the tests of shared stores will be skipped.' >&2
