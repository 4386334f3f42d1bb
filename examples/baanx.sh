#!/usr/bin/env bash
# A Baanx client with nothing but curl: orders a product and polls until it is paid.
#
#   emulator --ready-file ready.json
#   examples/baanx.sh ready.json
set -euo pipefail

ready=${1:-ready.json}
setting() { sed -n "/\"$1\": {/,/}/s/^ *\"$2\": \"\(.*\)\".*/\1/p" "$ready"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
expect() { [ "$1" = "$2" ] || { echo "expected $2, got '$1' in: $3" >&2; exit 1; }; }

# The client: the same as against https://api.baanx.com.

call() {
  curl -sS "$(setting urls baanx)$1" -H "X-Client-ID: $(setting baanx client_id)" \
    -H "Authorization: Bearer $(setting baanx token)" -H 'Content-Type: application/json' "${@:2}"
}

answer=$(call /v1/order -d '{"productId":"PRODUCT_ID_ABC","paymentMethod":"CRYPTO_EXTERNAL_DAIMO"}')
order=$(member orderId <<<"$answer")
expect "${order:+created}" created "$answer"
echo "created    $order: pay $(member paymentAmount <<<"$answer") to $(member destinationAddress <<<"$answer")"

answer=$(call "/v1/order/$order")
expect "$(member status <<<"$answer")" STARTED "$answer"
echo "read       STARTED"

# Only with the emulator: nobody has to wait for the payer.

control=$(sed -n 's/^ *"control": "\(.*\)".*/\1/p' "$ready")
clock=$(curl -fsS "$control/sandboxes/$(setting credentials sandbox)/clock/advance" -d '{"by": "10s"}')
echo "advanced   to $(member now <<<"$clock")"

answer=$(call "/v1/order/$order")
expect "$(member status <<<"$answer")" COMPLETED "$answer"
echo "read       COMPLETED, paid at $(member paidAt <<<"$answer")"
