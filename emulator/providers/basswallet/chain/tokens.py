"""Tokens, the chains on which they live, and how the setting `catalogue` changes the usual ones.

Source: https://docs-en.basswallet.com/api-reference/endpoint/common/token-list, seen 2026-11, for the members of a
token. Assumed: how lists are merged, what they may have, and the members `addressForm` and `blockIntervalMs`.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from emulator.core.problems import type_problem
from emulator.providers.basswallet.chain.addresses import AddressForm

NAME_PATTERN = r"^[ -%'-<>-~]{1,32}$"
"""Names of tokens and chains: printable ASCII without `&` and `=`."""

Name = Annotated[str, Meta(pattern=NAME_PATTERN.replace("$", r"\Z"))]
TokenType = Annotated[str, Meta(pattern=r"^[ -~]{1,16}\Z")]
Money = Annotated[str, Meta(pattern=r"\A[0-9]+(\.[0-9]+)?\Z", max_length=40)]
Count = Annotated[int, Meta(ge=0)]
Decimals = Annotated[int, Meta(ge=0, le=38)]
TokenNumber = Count | Annotated[str, Meta(pattern=r"\A[0-9]{1,18}\Z")]
Interval = Annotated[int, Meta(ge=1, le=86_400_000)]

OTHER_INTERVAL_MS = 3000
OTHER_BASE_HEIGHT = 1_000_000
_PREFIXES: Mapping[AddressForm, str] = {"evm": "0x", "tron": "", "bitcoin": ""}


class CatalogueError(ValueError):
    """A catalogue cannot be used; the text says what is wrong where, and what is expected."""


class TokenPair(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A token on one chain; encodes to the wire's member names and order. Amounts are decimal text."""

    chain_id: Count
    chain_name: Name
    token_id: TokenNumber
    contract_id: str
    token_type: TokenType
    decimals: Decimals
    display_decimal: Decimals
    block_confirm_num: Count
    min_deposit_amount: Money
    min_withdraw_amount: Money
    fee: Money
    deposit_enable: bool
    withdraw_enable: bool
    sda: str | UnsetType = UNSET
    suspend_deposit_desc: str | UnsetType = UNSET
    swa: str | UnsetType = UNSET
    suspend_withdraw_desc: str | UnsetType = UNSET


class Token(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A token and the chains on which it lives; encodes to an item of the token list."""

    token_name: Name
    full_name: str
    chain_list: tuple[TokenPair, ...]


class Chain(Struct, frozen=True, forbid_unknown_fields=True):
    """A chain: how its addresses and transaction hashes look, and how fast it makes blocks."""

    name: str
    chain_id: int
    address_form: AddressForm
    transaction_prefix: str
    block_interval_ms: int
    base_height: int


class TokenList(Struct, frozen=True):
    """Tokens in their order, and the chains that they are on, by name."""

    tokens: tuple[Token, ...]
    chains: Mapping[str, Chain]


class _ListedPair(TokenPair, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A pair of the setting's list, with what its chain looks like."""

    address_form: AddressForm | UnsetType = UNSET
    block_interval_ms: Interval | UnsetType = UNSET


class _ListedToken(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    token_name: Name
    full_name: str
    chain_list: tuple[_ListedPair, ...]


def make_chain(name: str, chain_id: int = 0) -> Chain:
    """A chain that is not one of the usual ones, as long as nothing else is known of it."""
    return Chain(name, chain_id, "evm", _PREFIXES["evm"], OTHER_INTERVAL_MS, OTHER_BASE_HEIGHT)


def read_tokens(document: object, known: Mapping[str, Chain]) -> TokenList:
    """Reads a token list in wire form (decoded JSON), whose chains may be new. Raises CatalogueError."""
    try:
        listed = msgspec.convert(document, tuple[_ListedToken, ...])
    except msgspec.ValidationError as error:
        told = f"{type_problem(error)} (tokens are a list as the token-list call answers it)"
        raise CatalogueError(told) from None
    seen: set[tuple[str, str]] = set()
    tokens: list[Token] = []
    for place, token in enumerate(listed):
        if any(each.token_name == token.token_name for each in tokens):
            raise CatalogueError(f"/{place}/tokenName: an earlier entry has it")
        for chain_place, pair in enumerate(token.chain_list):
            if (token.token_name, pair.chain_name) in seen:
                raise CatalogueError(f"/{place}/chainList/{chain_place}/chainName: an earlier entry has it")
            seen.add((token.token_name, pair.chain_name))
        pairs = [TokenPair(**{name: getattr(pair, name) for name in _PAIR_FIELDS}) for pair in token.chain_list]
        tokens.append(Token(token.token_name, token.full_name, tuple(pairs)))
    return TokenList(tuple(tokens), _read_chains(listed, known))


_PAIR_FIELDS = TokenPair.__struct_fields__


def _read_chains(listed: Iterable[_ListedToken], known: Mapping[str, Chain]) -> Mapping[str, Chain]:
    """The chains of a list; what one entry says of a chain holds for all entries."""
    chains: dict[str, Chain] = {}
    told: dict[tuple[str, str], object] = {}
    for place, token in enumerate(listed):
        for chain_place, pair in enumerate(token.chain_list):
            name = pair.chain_name
            chain = chains.get(name) or known.get(name) or make_chain(name, pair.chain_id)
            for member in ("address_form", "block_interval_ms"):
                value = getattr(pair, member)
                if value is UNSET:
                    continue
                if told.setdefault((name, member), value) != value:
                    spelt = {"address_form": "addressForm", "block_interval_ms": "blockIntervalMs"}[member]
                    raise CatalogueError(
                        f"/{place}/chainList/{chain_place}/{spelt}: an earlier entry of this chain has another"
                    )
                chain = replace(chain, **{member: value})
            chains[name] = replace(chain, transaction_prefix=_PREFIXES[chain.address_form])
    return chains


def merge_tokens(known: Iterable[Token], own: Iterable[Token]) -> tuple[Token, ...]:
    """Tokens with others laid over them: a pair of the same names is replaced in its place, a new one is appended."""
    merged = {token.token_name: token for token in known}
    for token in own:
        before = merged.get(token.token_name)
        pairs = {pair.chain_name: pair for each in (before, token) if each is not None for pair in each.chain_list}
        merged[token.token_name] = replace(token, chain_list=tuple(pairs.values()))
    return tuple(merged.values())
