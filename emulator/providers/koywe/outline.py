"""Koywe in outline: what the emulator needs of it to start."""

from emulator.contract.outline import Outline, Recurring
from emulator.contract.transaction import Transaction
from emulator.providers.koywe import access, settings
from emulator.providers.koywe.seed import seed


def _settle(tx: Transaction) -> None:
    from emulator.providers.koywe.accounts.settlements import settle_everything

    settle_everything(tx)


outline = Outline(
    name="koywe",
    title="Koywe",
    public_hosts=("api.koywe.com", "api-sandbox.koywe.com"),
    settings=settings.SETTINGS,
    credentials=access.credentials,
    seed=seed,
    open_keys=(access.PAGE_KEY,),
    open_tables=(access.KYB_TABLE,),
    recurring=(Recurring("settlement", "settlement_every_s", _settle),),
)
