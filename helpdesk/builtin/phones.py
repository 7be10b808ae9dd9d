"""The country that telephone numbers without a country's code belong to: a setting of the desk."""

from marshmallow import Schema, ValidationError, fields, pre_load

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _
from helpdesk.api.settings import SettingsGroup
from helpdesk.api.text import PHONE_REGION, is_phone_region

DESCRIPTION = _("Reads telephone numbers that are written without a country code.")
NO_REGION = _("Write the two letters of a country, like IR.")


def _known(region: str) -> None:
    if not is_phone_region(region):
        raise ValidationError(NO_REGION)


class Settings(Schema):
    """One country."""

    region = fields.String(
        load_default=PHONE_REGION,
        validate=_known,
        metadata={
            "label": _("Country of telephone numbers"),
            "help": _("Two letters, like IR. Numbers without a country code are taken to be of this country."),
        },
    )

    @pre_load
    def in_capitals(self, given, **_more):
        """The region as ISO 3166 writes it."""
        return {**given, "region": str(given["region"]).strip().upper()} if given.get("region") else given


@hookimpl
def register_settings() -> list[SettingsGroup]:
    """The country."""
    return [SettingsGroup("phones", _("Telephone numbers"), Settings)]
