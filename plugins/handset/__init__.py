"""The customer's phone of the demo, and the stand-ins of the providers behind it."""
