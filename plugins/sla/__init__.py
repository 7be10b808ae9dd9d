"""Service levels: business calendars, policies and the clocks that follow them."""
