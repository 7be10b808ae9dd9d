"""The command line: what operators and scripts do without a browser."""
