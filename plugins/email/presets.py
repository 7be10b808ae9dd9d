"""The servers of mail providers many people have, as each provider's own help names them."""

from helpdesk.api.channels import Preset


def _servers(imap_host: str, smtp_host: str, **more: object) -> dict[str, object]:
    fetching = {"imap_host": imap_host, "imap_port": 993, "imap_security": "tls"}
    return {**fetching, "smtp_host": smtp_host, "smtp_port": 587, "smtp_security": "starttls", "listen": False, **more}


PRESETS = [
    Preset("google", "Google Workspace, Gmail", _servers("imap.gmail.com", "smtp.gmail.com")),
    Preset(
        "microsoft",
        "Microsoft 365, Outlook",
        _servers(
            "outlook.office365.com",
            "smtp.office365.com",
            oauth_token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",
        ),
    ),
    Preset("fastmail", "Fastmail", _servers("imap.fastmail.com", "smtp.fastmail.com")),
    Preset("icloud", "iCloud", _servers("imap.mail.me.com", "smtp.mail.me.com")),
    Preset("yahoo", "Yahoo", _servers("imap.mail.yahoo.com", "smtp.mail.yahoo.com", plus_addresses=False)),
]
