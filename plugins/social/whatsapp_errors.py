"""The error codes of the Cloud API, each explained in a sentence.

https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from helpdesk.api.errors import _

EXPLAINED = {
    4: _("WhatsApp (4): the app sends too much at the moment."),
    80007: _("WhatsApp (80007): the account sends too much at the moment."),
    130429: _("WhatsApp (130429): too many messages at once."),
    130472: _("WhatsApp (130472): the customer takes part in an experiment of Meta's and was not sent this."),
    130497: _("WhatsApp (130497): the account may not write to this country."),
    131000: _("WhatsApp (131000): something went wrong at the provider."),
    131005: _("WhatsApp (131005): the access token lacks a permission."),
    131008: _("WhatsApp (131008): a required value is missing."),
    131009: _("WhatsApp (131009): a value is not as the provider wants it."),
    131016: _("WhatsApp (131016): the service is not available at the moment."),
    131021: _("WhatsApp (131021): this is the account's own number."),
    131026: _("WhatsApp (131026): this number has no WhatsApp, or an app too old for this message."),
    131030: _("WhatsApp (131030): this number is not on the list of numbers a test account may write to."),
    131031: _("WhatsApp (131031): the business account is locked."),
    131042: _("WhatsApp (131042): the payment of the business account is not settled."),
    131045: _("WhatsApp (131045): the number of the account is not registered yet."),
    131047: _("WhatsApp (131047): the customer last wrote more than 24 hours ago; only a template can be sent."),
    131048: _("WhatsApp (131048): too many messages of this number were reported as spam."),
    131049: _("WhatsApp (131049): Meta chose not to deliver this, so that the customer gets fewer advertisements."),
    131050: _("WhatsApp (131050): the customer wants no advertising messages."),
    131051: _("WhatsApp (131051): this kind of message is not supported."),
    131052: _("WhatsApp (131052): the customer's file could not be downloaded."),
    131053: _("WhatsApp (131053): the file could not be uploaded; its type or size does not fit."),
    131056: _("WhatsApp (131056): too many messages to this number within a short time."),
    132000: _("WhatsApp (132000): the template wants another number of values."),
    132001: _("WhatsApp (132001): there is no such template in this language, or it is not approved."),
    132005: _("WhatsApp (132005): the template becomes too long with these values."),
    132007: _("WhatsApp (132007): the template breaks a rule of WhatsApp."),
    132012: _("WhatsApp (132012): a value of the template is not as it wants it."),
    132015: _("WhatsApp (132015): the template is paused for its poor quality."),
    132016: _("WhatsApp (132016): the template was switched off for its poor quality."),
    133010: _("WhatsApp (133010): the number of the account is not registered."),
    135000: _("WhatsApp (135000): the message was not accepted."),
}
GONE = frozenset({130472, 130497, 131021, 131026, 131030, 131047, 131049, 131050})  # trying again is in vain
