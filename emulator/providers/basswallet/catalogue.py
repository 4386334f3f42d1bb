"""What the provider offers: tokens, chains, rates, errors, and the keys of a sandbox.

It is read from `catalogue.json` and never changes; a sandbox with a catalogue or rates of its own has another value.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/common/token-list and
https://docs-zh.basswallet.com/api-reference/info/error-code, seen 2026-11. Assumed: ids of Bitcoin and Bsc, fees,
minimums where the pages differ, rates, block intervals and heights, the keys, the permission that the token list needs,
and that an unknown name there gives an empty list.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.contract.setting import Settings
from emulator.core import json_text
from emulator.core.names import NAME
from emulator.providers.basswallet.chain.tokens import (
    CatalogueError,
    Chain,
    Money,
    Token,
    TokenPair,
    make_chain,
    merge_tokens,
    read_tokens,
)
from emulator.providers.basswallet.wire import write_answer

Permission = Literal["payment", "query", "history", "common", "withdraw", "balance", "address"]

DEPOSIT_SUSPENDED = "Deposit suspended"
"""`sda` and `suspendDepositDesc` of a suspended pair."""


class ErrorRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the error table: envelope and HTTP code, `msg` as symbol and as text, and when it is raised."""

    code: int
    symbol: str
    text: str
    source: Literal["documented", "assumed"]
    about: str


class CurrencyRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A fiat currency with its names, and how many units of it a dollar is worth."""

    currency: str
    full_name: str
    symbol: str
    rate: Decimal


class AccessKey(Struct, frozen=True, forbid_unknown_fields=True):
    """An access key of a sandbox. An empty IP list allows every address; orders belong to the account."""

    word: Literal["access", "noauth", "ip", "other"]
    """What its text begins with, before the name of the sandbox."""
    access_key: str
    secret_key: str
    account: int
    permissions: frozenset[Permission]
    ip_list: tuple[str, ...]


class CallbackKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The key that signs an account's webhooks."""

    account: int
    access_key: str
    secret_key: str


_Key = TypeVar("_Key", AccessKey, CallbackKey)


class Catalogue(Struct, frozen=True):
    """All tables with their lookups; names are exact in case."""

    tokens: tuple[Token, ...]
    pairs: Mapping[tuple[str, str], TokenPair]
    chains: Mapping[str, Chain]
    usd_rates: Mapping[str, Decimal]
    errors: Mapping[str, ErrorRow]

    def find_pair(self, token_name: str, chain_name: str) -> TokenPair | None:
        """The token on one chain, suspended or not; None if it is unknown."""
        return self.pairs.get((token_name, chain_name))

    def find_chain(self, name: str) -> Chain:
        """What a chain looks like; an unknown one, which older orders may be on, looks as any other."""
        return self.chains.get(name) or make_chain(name)

    def find_usd_rate(self, token_name: str) -> Decimal:
        """US dollars for one unit of a token; 1 if its rate is not known."""
        return self.usd_rates.get(token_name, Decimal(1))

    def with_tokens(self, document: object, *, merged: bool = True) -> "Catalogue":
        """A catalogue with the tokens of the setting `catalogue` over its own, or in place of them."""
        own = read_tokens(document, self.chains)
        tokens = merge_tokens(self.tokens if merged else (), own.tokens)
        chains = {**self.chains, **own.chains} if merged else own.chains
        return replace(self, tokens=tokens, pairs=_index_pairs(tokens), chains=chains)

    def with_usd_rates(self, document: object) -> "Catalogue":
        """A catalogue in which the rates of the setting `usd_rates` replace those of the same tokens."""
        return replace(self, usd_rates={**self.usd_rates, **read_usd_rates(document)})

    def with_deposit(self, token_name: str, chain_name: str, *, enabled: bool) -> "Catalogue":
        """A catalogue in which deposits of one pair are open or suspended; an unknown pair changes nothing."""
        tokens = tuple([_switch_deposit(token, token_name, chain_name, enabled) for token in self.tokens])
        return replace(self, tokens=tokens, pairs=_index_pairs(tokens))


def read_usd_rates(document: object) -> dict[str, Decimal]:
    """Reads US dollars per unit as decimal text by token name. Raises CatalogueError if it cannot be used."""
    if not isinstance(document, Mapping):
        raise CatalogueError("rates are US dollars as decimal text by tokenName: write an object")
    rates = {}
    for token_name, rate in document.items():
        try:
            rates[token_name] = Decimal(msgspec.convert(rate, Money))
        except msgspec.ValidationError:
            good = 'US dollars for one unit as decimal text, as "0.9998"'
            raise CatalogueError(f"/{token_name[:40]}: write {good}") from None
        if not rates[token_name]:
            raise CatalogueError(f"/{token_name[:40]}: the rate must be above 0")
    return rates


def list_access_keys(sandbox: str) -> tuple[AccessKey, ...]:
    """The access keys of a sandbox; the first is the one with all permissions."""
    return tuple([_make_key(key, sandbox) for key in _KEY_TEMPLATES])


def list_callback_keys(sandbox: str) -> tuple[CallbackKey, ...]:
    """The callback keys of a sandbox; an account without one sends unsigned webhooks."""
    return tuple([_make_key(key, sandbox) for key in _CALLBACK_TEMPLATES])


def find_callback_key(sandbox: str, account: int) -> CallbackKey | None:
    """The callback key of one account of a sandbox; None if it has none."""
    return next((key for key in list_callback_keys(sandbox) if key.account == account), None)


@lru_cache(maxsize=1024)
def find_sandbox_of_access_key(access_key: str) -> str | None:
    """The name of the sandbox that an access key belongs to; None if the key is malformed."""
    match = _ACCESS_KEY.fullmatch(access_key)
    return match["sandbox"] if match else None


@lru_cache(maxsize=1024)
def find_access_key(access_key: str) -> AccessKey | None:
    """The access key with this text, whether its sandbox exists or not; None if the text is malformed."""
    match = _ACCESS_KEY.fullmatch(access_key)
    return _make_key(_TEMPLATE_OF_PREFIX[match["prefix"]], match["sandbox"]) if match else None


def read_catalogue(settings: Settings) -> Catalogue:
    """The catalogue that the settings `catalogue`, `catalogue_mode` and `suspend` of a sandbox make."""
    if settings["catalogue"] is None and not settings["suspend"]:
        return CATALOGUE
    changed = [settings["catalogue"], settings["catalogue_mode"], settings["suspend"]]
    return _change_catalogue(json_text.encode(changed))


def read_rated_catalogue(settings: Settings) -> Catalogue:
    """The same, with the rates of the setting `usd_rates`."""
    return read_catalogue(settings).with_usd_rates(settings["usd_rates"])


@lru_cache(maxsize=64)
def _change_catalogue(document: bytes) -> Catalogue:
    tokens, mode, suspended = json_text.decode(document)
    changed = CATALOGUE if tokens is None else CATALOGUE.with_tokens(tokens, merged=mode == "merge")
    for token_name, chain_name in changed.pairs:
        is_suspended = suspended.get(f"{token_name}/{chain_name}")
        if is_suspended is not None:
            changed = changed.with_deposit(token_name, chain_name, enabled=not is_suspended)
    return changed


def list_tokens(call: Call) -> Reply:
    """`GET /v1/common/tokens`: all tokens in catalogue order, or the one that `tokenName` names."""
    tokens = read_catalogue(call.settings).tokens
    wanted = call.body.get("tokenName")
    as_text = call.settings["token_id_type"] == "string"
    shown = [_write_ids(token, as_text) for token in tokens if not wanted or token.token_name == wanted]
    return write_answer(call, shown)


def _write_ids(token: Token, as_text: bool) -> Token:
    """The token with the ids of its pairs as text, or as numbers."""
    kind = str if as_text else int
    return replace(token, chain_list=tuple([replace(pair, token_id=kind(pair.token_id)) for pair in token.chain_list]))


def _make_key(key: _Key, sandbox: str) -> _Key:
    """A sandbox's own key, made from a key of the catalogue."""
    return replace(
        key,
        access_key=key.access_key.replace("{sandbox}", sandbox),
        secret_key=key.secret_key.replace("{sandbox}", sandbox),
    )


def _switch_deposit(token: Token, token_name: str, chain_name: str, enabled: bool) -> Token:
    if token.token_name != token_name:
        return token
    reason = msgspec.UNSET if enabled else DEPOSIT_SUSPENDED
    pairs = [
        replace(pair, deposit_enable=enabled, sda=reason, suspend_deposit_desc=reason)
        if pair.chain_name == chain_name
        else pair
        for pair in token.chain_list
    ]
    return replace(token, chain_list=tuple(pairs))


def _index_pairs(tokens: tuple[Token, ...]) -> Mapping[tuple[str, str], TokenPair]:
    return {(token.token_name, pair.chain_name): pair for token in tokens for pair in token.chain_list}


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    chains: tuple[Chain, ...]
    tokens: list[dict[str, object]]
    usd_rates: dict[str, str]
    currencies: tuple[CurrencyRow, ...]
    errors: tuple[ErrorRow, ...]
    keys: tuple[AccessKey, ...]
    callback_keys: tuple[CallbackKey, ...]


def _read_document(document: _Document) -> Catalogue:
    chains = {chain.name: chain for chain in document.chains}
    tokens = read_tokens(document.tokens, chains).tokens
    return Catalogue(
        tokens=tokens,
        pairs=_index_pairs(tokens),
        chains=chains,
        usd_rates=read_usd_rates(document.usd_rates),
        errors={row.symbol: row for row in document.errors},
    )


_DOCUMENT = msgspec.json.decode(Path(__file__).with_name("catalogue.json").read_bytes(), type=_Document)
_KEY_TEMPLATES = _DOCUMENT.keys
_CALLBACK_TEMPLATES = _DOCUMENT.callback_keys
_TEMPLATE_OF_PREFIX = {key.access_key.removesuffix("{sandbox}"): key for key in _KEY_TEMPLATES}
_ACCESS_KEY = re.compile(
    f"(?P<prefix>{'|'.join(re.escape(prefix) for prefix in _TEMPLATE_OF_PREFIX)})(?P<sandbox>{NAME.pattern})"
)

KEY_WORDS = tuple(key.word for key in _KEY_TEMPLATES)
"""What access keys begin with, before the hyphen and the name of the sandbox."""

CURRENCIES = _DOCUMENT.currencies
"""The usual fiat currencies, in the order of the list."""

CATALOGUE = _read_document(_DOCUMENT)
"""The default catalogue."""
