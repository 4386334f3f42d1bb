"""The tokens that can be paid in. Source: https://docs-en.basswallet.com/api-reference/endpoint/common/token-list,
seen 2026-11. Assumed: the permission, and that an unknown name gives an empty list."""

import msgspec

from emulator.core.call import Call
from emulator.core.provider import Reply
from emulator.providers.basswallet import catalogue
from emulator.providers.basswallet.catalogue import Token, TokenPair
from emulator.providers.basswallet.errors import success


def list_tokens(call: Call) -> Reply:
    """`GET /v1/common/tokens`: 200 with all tokens in catalogue order, or the one that `tokenName` names."""
    tokens = catalogue.effective(call.settings).tokens
    wanted = call.body.get("tokenName")
    as_text = call.settings["token_id_type"] == "string"
    return success(call, [_with_ids(token, as_text) for token in tokens if not wanted or token.token_name == wanted])


def _with_ids(token: Token, as_text: bool) -> Token:
    pairs = tuple([_with_id(pair, as_text) for pair in token.chain_list])
    return msgspec.structs.replace(token, chain_list=pairs)


def _with_id(pair: TokenPair, as_text: bool) -> TokenPair:
    return msgspec.structs.replace(pair, token_id=str(pair.token_id) if as_text else int(pair.token_id))
