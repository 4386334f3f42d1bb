#!/usr/bin/env bash
# The image's health check: exits with 0 if the emulator in this container can serve. Only Bash, because it runs every
# few seconds, and starting Python each time would cost more than the emulator itself.

port=${EMULATOR_PORT:-8900}
case $port in
    *://*) port=8900 ;; # set by Kubernetes about a service named emulator; the emulator ignores it, too
esac

status=none
if exec 3<>"/dev/tcp/127.0.0.1/$port"; then
    printf 'GET /_emulator/ready HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$port" >&3
    read -r -t 2 _ status _ <&3
fi 2>/dev/null
echo "port $port: ${status:-none}"
[ "$status" = 200 ]
