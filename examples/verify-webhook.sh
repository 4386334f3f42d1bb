#!/usr/bin/env bash
# Verifies the signature of a webhook with openssl. Give it the raw body, byte for byte, on standard input.
#
#   emulator --ready-file ready.json
#   examples/verify-webhook.sh ready.json basswallet "$signature" <body      header Signature
#   examples/verify-webhook.sh ready.json changelly "$signature" <body       header X-Callback-Signature
#   examples/verify-webhook.sh ready.json koywe "$signature" <body           header Koywe-Signature
set -euo pipefail

ready=$1 provider=$2 signature=$3
setting() { sed -n "/\"$1\": {/,/}/s/^ *\"$2\": \"\(.*\)\".*/\1/p" "$ready"; }
hmac() { openssl dgst -sha256 -hmac "$1" "$files/text" | sed 's/.* //'; }

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
cat >"$files/body"

case $provider in
  basswallet) # signs the parameters as received, unescaped, with a secret of its own
    escaped=$(<"$files/body")
    plain=${escaped//+/ }
    printf %b "${plain//%/\\x}" >"$files/text"
    [ "$(hmac "$(setting basswallet callback_secret_key)")" = "$signature" ]
    ;;
  changelly) # signs only the order's id: read the order to be sure of the rest
    printf '{"orderId":"%s"}' "$(sed 's/.*"orderId":"\([^"]*\)".*/\1/' "$files/body")" >"$files/text"
    printf %b "$(setting changelly callback_public_key)" >"$files/key"
    printf %s "$signature" | openssl base64 -d -A >"$files/signature"
    openssl dgst -sha256 -verify "$files/key" -signature "$files/signature" "$files/text" >/dev/null
    ;;
  koywe) # signed is the body; the secret is the one with which the merchant has registered the address
    cp "$files/body" "$files/text"
    [ "$(hmac "${KOYWE_WEBHOOK_SECRET:-whsec_koywe_test}")" = "$signature" ]
    ;;
  *) false ;;
esac && echo "good       $provider" || { echo "The signature of this $provider webhook is wrong." >&2; exit 1; }
