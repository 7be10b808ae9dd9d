"""E-mail: received by SMTP, LMTP or IMAP, understood, and sent by SMTP."""
