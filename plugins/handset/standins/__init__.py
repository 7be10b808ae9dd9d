"""Stand-ins of providers on loopback, built from the providers' published references; they import no channel."""
