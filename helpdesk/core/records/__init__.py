"""The whole record of a customer: exported, erased, or merged with another; plugins take part by their hooks."""
