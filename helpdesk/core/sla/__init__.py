"""SLA clocks: by when a customer is to be answered."""
