"""The desk's own rules: no web framework, no channel, no plugin; everything here takes a unit of work first."""
