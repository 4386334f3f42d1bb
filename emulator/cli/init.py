"""`emulator init`: writes an example seed file."""

from pathlib import Path

import click

from emulator.cli.options import WRITTEN_FILE
from emulator.cli.output import EXIT_USAGE, Failed

NAME = "emulator-seed.yaml"
_EXAMPLE = """\
# yaml-language-server: $schema={schema}
#
# What sandboxes begin with. Check it with `emulator validate {name}`, and start with
# `emulator serve --seed-file {name}`: once the emulator is ready, all of this exists.
# Anything may be left out. A reset brings back what `seed`, `clock`, `settings` and `webhook_url` say.
version: 1
sandboxes:
  shop:                                     # its keys are client-shop, access-shop, key-shop, api-shop
    seed: shop                              # its ids and random choices follow from it
    clock: {{mode: manual, now: "2026-01-05T12:00:00Z"}}
    webhook_url: receiver                   # the built-in one; or the URL of yours
    settings:
      basswallet: {{payer_wait_s: 600}}
      baanx:
        products:                           # what the shop sells at Baanx
          - {{id: GOLD_PLAN, amount: "49.90"}}
    scenarios:                              # of its own, as in scenario files
      koywe:
        slow-payer:
          about: The payer takes an hour.
          timeline:
            - {{after: 1h, do: start}}
            - {{after: 1m, do: confirm}}
    default_scenario: {{koywe: slow-payer}}
    requests:                               # sent signed; they make users, accounts, contacts ...
      - koywe:
          path: /api/v1/organizations/org_shop/merchants/mrc_shop/contacts
          body: {{countrySymbol: CL, businessType: PERSON, fullName: Ana Soto}}
    commands:                               # what happens at a provider outside any order
      - basswallet: {{set_balance: {{tokenName: USDT, free: "500"}}}}
    orders:                                 # made one after another, each taken to a point in its life
      - baanx: {{scenario: manual}}
      - basswallet:
          body: {{amount: "25.50"}}
          scenario: manual
          then:
            - {{do: pay}}
            - {{wait: 30s}}
      - koywe: {{kind: PAYIN, scenario: manual, then: [{{to: PAID}}]}}
      - changelly: {{scenario: kyc-hold, times: 3}}
    wait: 1h                                # the clock moves on once the orders are made
    faults:                                 # from then on
      - {{fault: latency, provider: koywe, fixed: 200ms}}
"""


@click.command(
    epilog="""\\b
Examples:
  emulator init
  emulator init demo/seeds.yaml"""
)
@click.argument("file", default=NAME, type=WRITTEN_FILE)
def init(file: Path) -> None:
    """Write an example seed file, with a comment on everything that it can hold. It never replaces a file."""
    from emulator.files import shipped

    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(_EXAMPLE.format(schema=shipped.seed_schema_path().resolve().as_uri(), name=file))
    except FileExistsError as error:
        raise Failed(f"{file} already exists: give another name, or remove it", EXIT_USAGE) from error
    except OSError as error:
        raise Failed(f"{file} cannot be written: {error.strerror}", EXIT_USAGE) from error
    click.echo(f"{file} is written; use it with: emulator serve --seed-file {file}")
