"""The SMS plugin: text messages by any gateway that speaks HTTP."""
