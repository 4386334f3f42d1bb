#!/usr/bin/env bash
# A Koywe client with nothing but curl: signs in, asks for a payment and reads whether it came.
#
#   emulator --ready-file ready.json
#   examples/koywe.sh ready.json
set -euo pipefail

ready=${1:-ready.json}
setting() { sed -n "/\"$1\": {/,/}/s/^ *\"$2\": \"\(.*\)\".*/\1/p" "$ready"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
expect() { [ "$1" = "$2" ] || { echo "expected $2, got '$1' in: $3" >&2; exit 1; }; }

# The client: the same as against https://api.koywe.com.

token=
call() { # path, more for curl
  curl -sS "$(setting urls koywe)/api/v1$1" ${token:+-H "Authorization: Bearer $token"} \
    -H 'Content-Type: application/json' "${@:2}"
}

api_key=$(setting koywe api_key)
answer=$(call /auth/sign-in -d "{\"apiKey\":\"$api_key\",\"secret\":\"$(setting koywe secret)\"}")
token=$(member token <<<"$answer")
expect "${token:+signed in}" 'signed in' "$answer"
echo "signed in  as $api_key"

orders=/organizations/$(setting koywe organization_id)/merchants/$(setting koywe merchant_id)/orders
answer=$(call "$orders" -d '{"type":"PAYIN","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP",
  "amountIn":50000,"paymentMethods":[{"method":"PSE"}]}')
order=$(member id <<<"$answer")
expect "$(member status <<<"$answer")" PENDING "$answer"
echo "created    $order: $(member providedAction <<<"$answer")"

answer=$(call "$orders/$order")
expect "$(member status <<<"$answer")" PENDING "$answer"
echo "read       PENDING"

# Only with the emulator: nobody has to wait for the payer.

control=$(sed -n 's/^ *"control": "\(.*\)".*/\1/p' "$ready")
clock=$(curl -fsS "$control/sandboxes/$(setting credentials sandbox)/clock/advance" -d '{"by": "10s"}')
echo "advanced   to $(member now <<<"$clock")"

answer=$(call "$orders/$order")
expect "$(member status <<<"$answer")" COMPLETED "$answer"
echo "read       COMPLETED, $(member amountOut <<<"$answer") COP"
