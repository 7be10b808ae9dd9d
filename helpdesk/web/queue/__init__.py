"""The console's list: which tickets wait, in which order, and the way to each of them."""
