"""What forms of several features hold: the facts of a ticket, and the moments a ticket may be snoozed until."""
