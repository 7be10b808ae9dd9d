"""The bundled plugins: each folder is one, and none knows another."""
