"""Ids and account numbers."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.chance import Chance
from emulator.providers.koywe.formats.identifiers import PREFIXES, make_id, write_account_number

kinds = st.sampled_from(sorted(PREFIXES))


class Fixed(Chance):
    """Chance whose bytes are known."""

    fixed: bytes = b""

    def octets(self, length: int) -> bytes:
        assert length == len(self.fixed)
        return self.fixed


def id_of(kind: str, random_bytes: bytes) -> str:
    return make_id(Fixed("seed", fixed=random_bytes), kind)


def test_an_id_is_a_prefix_and_a_version_four_uuid() -> None:
    assert id_of("order", bytes(16)) == "ord_00000000-0000-4000-8000-000000000000"
    assert id_of("delivery", b"\xff" * 16) == "whd_ffffffff-ffff-4fff-bfff-ffffffffffff"


def test_the_prefixes_are_the_known_ones() -> None:
    known = ["ord_", "acc_", "mrc_", "con_", "ctry_", "cur_", "org_", "evt_", "whk_", "whd_", "qte_", "deal_"]
    known += ["pol_", "rule_", "apr_"]
    assert list(PREFIXES.values())[: len(known)] == known


@given(kinds, st.binary(min_size=16, max_size=16))
def test_every_id_has_the_form_of_its_kind(kind: str, random_bytes: bytes) -> None:
    text = id_of(kind, random_bytes)
    assert text.startswith(PREFIXES[kind])
    parsed = uuid.UUID(text.removeprefix(PREFIXES[kind]))
    assert parsed.version == 4
    assert parsed.variant == uuid.RFC_4122
    assert text == f"{PREFIXES[kind]}{parsed}"


def test_a_virtual_account_is_numbered_by_merchant_and_currency() -> None:
    assert write_account_number("mrc_default", "COP") == "VIRTUAL_FIAT-mrc_default-COP"
