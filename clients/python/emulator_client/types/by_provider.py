# Made by scripts/generate_docs.py from emulator/testing/types/by_provider.py: edit that, and run it again.
"""Where the providers are in a sandbox.

Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them.
"""

from __future__ import annotations

from emulator_client.client_side import ProviderAccess


class ByProvider:
    """Access to each provider, by its name."""

    _access: dict[str, ProviderAccess]

    def __getitem__(self, provider: str) -> ProviderAccess:
        return self._access[provider]

    @property
    def baanx(self) -> ProviderAccess:
        """Access to Baanx."""
        return self["baanx"]

    @property
    def basswallet(self) -> ProviderAccess:
        """Access to BassWallet."""
        return self["basswallet"]

    @property
    def changelly(self) -> ProviderAccess:
        """Access to Changelly Fiat."""
        return self["changelly"]

    @property
    def koywe(self) -> ProviderAccess:
        """Access to Koywe."""
        return self["koywe"]
