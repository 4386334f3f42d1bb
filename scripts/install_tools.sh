#!/bin/sh
# Installs programs that the tests need and pip cannot install, where apt can. Never fails: without a program, the tests
# that need it are skipped.

as_root=
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
updated=

install() {
    command -v apt-get >/dev/null && $as_root true 2>/dev/null || return
    [ -n "$updated" ] || $as_root apt-get update -q || return
    updated=yes
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# needs PACKAGES TESTS COMMAND...: Debian packages, what the tests that need them are about, and commands of which one
# must exist.
needs() {
    packages=$1 tests=$2
    shift 2
    for each in "$@"; do
        command -v "$each" >/dev/null && return
    done
    # shellcheck disable=SC2086  # there may be several
    install $packages || echo "$1 is missing and cannot be installed: tests of $tests will be skipped." >&2
}

PATH=$PATH:/usr/sbin
needs chromium 'the web pages' chromium chromium-browser google-chrome google-chrome-stable
needs redis-server 'shared stores' redis-server valkey-server
needs 'nginx-light libnginx-mod-stream' 'proxies' nginx
