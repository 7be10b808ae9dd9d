"""The social plugin: messengers and social networks, one provider a module."""
