"""Users, teams, queues and customers."""
