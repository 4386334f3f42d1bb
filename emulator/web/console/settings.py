"""Settings of a provider: what each does, how it is known, what it is now; and changing them."""

from typing import Any

from msgspec import Struct

from emulator.contract.setting import Setting
from emulator.core.redaction import is_secret
from emulator.web.console.commands import Taken, write_put
from emulator.web.console.fields import Field, read_value, write_field, write_value
from emulator.web.console.visit import Shown, Visit
from emulator.web.control.reading import require_provider
from emulator.web.control.refusals import ControlError

LONGEST_IN_LINE = 60
"""Letters of a value; a longer one has a field of several lines."""


class SettingShown(Struct, frozen=True):
    """A setting, for people."""

    field: Field
    mark: str
    """How it is known: documented, observed or assumed."""
    known_from: str
    """The source that the user's own file gives; empty: it says nothing about it."""
    usual: str
    """Its value if nobody has changed it."""
    changed: bool
    secret: bool


async def show_settings(visit: Visit) -> Shown:
    """The settings of one provider; `find` leaves out those that do not contain it."""
    cards = visit.providers
    name = visit.choose("of", cards)
    values = visit.transaction().settings(name)
    find = visit.asked.get("find", "").strip()
    shown = [
        _show(visit, setting, values[setting.name])
        for setting in cards[name].settings.values()
        if find.lower() in f"{setting.name} {setting.spelling} {setting.about}".lower()
    ]
    changed = {each.field.name: values[each.field.name] for each in shown if each.changed and not each.secret}
    page = {
        "of": name,
        "title": cards[name].title,
        "of_providers": visit.list_choices("settings", "of", cards, name),
        "settings": sorted(shown, key=lambda each: not each.changed),
        "count": sum(each.changed for each in shown),
        "find": find,
        "settings_path": visit.path("settings"),
    }
    taken = (
        write_put(f"{visit.control}/settings", {name: changed}),
        Taken("test", f"emulator.set({name!r}, **{changed!r})"),
    )
    return Shown("settings.html", f"Settings of {cards[name].title}", page, path="settings", taken=taken)


def _show(visit: Visit, setting: Setting, value: Any) -> SettingShown:
    secret = is_secret(setting.name) or (isinstance(value, str) and "PRIVATE KEY" in value)
    written = "" if secret else write_value(value)
    if visit.form.get("setting") == setting.name:
        written = visit.form.get("value", written)
    field = write_field(setting.name, setting.schema, written, setting.about)
    long = field.long or len(written) > LONGEST_IN_LINE
    return SettingShown(
        Field(field.name, field.value, field.choices, field.help, long),
        setting.mark,
        setting.known_from,
        "a secret" if secret else write_value(setting.default),
        value != setting.default,
        secret,
    )


async def change(visit: Visit) -> str:
    """Changes one setting, or sets it back; gives the path of the list."""
    name = require_provider(visit.context, visit.form.get("of", ""))
    setting = visit.providers[name].settings.get(visit.form.get("setting", ""))
    if setting is None:
        raise ControlError("bad-request", f"{name} has no setting {visit.form.get('setting', '')!r}")
    usual = visit.form.get("back") == "usual"
    value = setting.default if usual else read_value(setting.schema, visit.form.get("value", ""))
    await visit.call("PUT", "settings", {name: {setting.name: value}})
    return visit.path("settings", of=name) + f"#{setting.name}"
