"""The front desk plugin: people who come in person take a number, wait and are served at a counter."""
