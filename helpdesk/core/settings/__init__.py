"""Settings: of the desk and of its plugins, each group one marshmallow schema, secrets sealed."""
