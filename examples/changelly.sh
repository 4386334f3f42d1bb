#!/usr/bin/env bash
# A Changelly Fiat client with curl and openssl: buys ether for dollars and polls the order list.
#
#   emulator --ready-file ready.json
#   examples/changelly.sh ready.json
set -euo pipefail

ready=${1:-ready.json}
setting() { sed -n "/\"$1\": {/,/}/s/^ *\"$2\": \"\(.*\)\".*/\1/p" "$ready"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
expect() { [ "$1" = "$2" ] || { echo "expected $2, got '$1' in: $3" >&2; exit 1; }; }

# The client: the same as against https://fiat-api.changelly.com. The signature covers the full URL and the body, or {}.

key=$(mktemp)
trap 'rm -f "$key"' EXIT
setting changelly private_key_base64 | openssl base64 -d -A >"$key"
sign() { printf %s "$1" | openssl dgst -sha256 -sign "$key" | openssl base64 -A; }
call() { # path, body if there is one
  local url
  url=$(setting urls changelly)$1
  curl -sS "$url" ${2:+-d "$2"} -H 'Content-Type: application/json' \
    -H "X-Api-Key: $(setting changelly api_key)" -H "X-Api-Signature: $(sign "$url${2:-{\}}")"
}

answer=$(call /v1/orders '{"externalUserId":"user-1","providerCode":"moonpay","country":"EE","currencyFrom":"USD",
  "amountFrom":"150","currencyTo":"ETH","walletAddress":"0x8cfbd31371e9bec8c82ae101e25bd9394c03a227"}')
order=$(member orderId <<<"$answer")
expect "${order:+created}" created "$answer"
echo "created    $order: $(member redirectUrl <<<"$answer")"

answer=$(call "/v1/orders?orderId=$order")
expect "$(member status <<<"$answer")" created "$answer"
echo "read       created"

# Only with the emulator: nobody has to wait for the buyer and the provider.

control=$(sed -n 's/^ *"control": "\(.*\)".*/\1/p' "$ready")
clock=$(curl -fsS "$control/sandboxes/$(setting credentials sandbox)/clock/advance" -d '{"by": "10s"}')
echo "advanced   to $(member now <<<"$clock")"

answer=$(call "/v1/orders?orderId=$order")
expect "$(member status <<<"$answer")" complete "$answer"
echo "read       complete"
