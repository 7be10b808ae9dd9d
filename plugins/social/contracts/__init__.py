"""The proofs of the social channels, one module a provider."""
