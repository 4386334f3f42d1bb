#!/usr/bin/env bash
# A BassWallet client with curl and openssl: creates a payment, then asks whether it was paid.
#
#   emulator --ready-file ready.json
#   examples/basswallet.sh ready.json
set -euo pipefail

ready=${1:-ready.json}
setting() { sed -n "/\"$1\": {/,/}/s/^ *\"$2\": \"\(.*\)\".*/\1/p" "$ready"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
expect() { [ "$1" = "$2" ] || { echo "expected $2, got '$1' in: $3" >&2; exit 1; }; }

# The client: the same as against https://api.basswallet.com. The signature covers the parameters as sent, in order.

now_ms() { echo "$(date +%s)000"; }
sign() { printf %s "$1" | openssl dgst -sha256 -hmac "$(setting basswallet secret_key)" | sed 's/.* //'; }
call() { # path, parameters, how curl sends them
  curl -sS "$(setting urls basswallet)/api$1" "${@:3}" --data "$2" \
    -H "API-Access-Key: $(setting basswallet access_key)" -H "Signature: $(sign "$2")"
}

parameters="amount=25.50&tokenName=USDT&chainName=Tron&displayInfo=Gold plan&timestamp=$(now_ms)"
answer=$(call /v1/account/payment "$parameters")
order=$(member id <<<"$answer")
expect "$(member code <<<"$answer")" 200 "$answer"
echo "created    $order: pay $(member amount <<<"$answer") USDT to $(member address <<<"$answer")"

answer=$(call /v1/account/order/query "id=$order&timestamp=$(now_ms)" --get)
expect "$(member status <<<"$answer")" Pending "$answer"
echo "read       Pending"

# Only with the emulator: nobody has to wait for the payer and the blocks of the chain.

control=$(sed -n 's/^ *"control": "\(.*\)".*/\1/p' "$ready")
clock=$(curl -fsS "$control/sandboxes/$(setting credentials sandbox)/clock/advance" -d '{"by": "2m"}')
echo "advanced   to $(member now <<<"$clock")"

answer=$(call /v1/account/order/query "id=$order&timestamp=$(now_ms)" --get)
expect "$(member status <<<"$answer")" Success "$answer"
echo "read       Success, $(member amountActual <<<"$answer") USDT in $(member txHash <<<"$answer")"
