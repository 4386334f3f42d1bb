#!/bin/sh
# Sees to it that the tests have the programs that pip cannot install, where that can be done. Never fails: without one,
# the tests that need it skip.

as_root=
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
updated=

install() {
    command -v apt-get >/dev/null && $as_root true 2>/dev/null || return
    [ -n "$updated" ] || $as_root apt-get update -q || return
    updated=yes
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# needs PACKAGES TESTS COMMAND...: Debian's packages, the tests that need them, commands of which one is enough.
needs() {
    packages=$1 tests=$2
    shift 2
    for each in "$@"; do
        command -v "$each" >/dev/null && return
    done
    # shellcheck disable=SC2086  # there may be several
    install $packages || echo "There is no $1 here and it cannot be installed: tests of $tests will be skipped." >&2
}

PATH=$PATH:/usr/sbin
needs chromium 'the web pages' chromium chromium-browser google-chrome google-chrome-stable
needs redis-server 'shared stores' redis-server valkey-server
needs 'nginx-light libnginx-mod-stream' 'proxies' nginx
