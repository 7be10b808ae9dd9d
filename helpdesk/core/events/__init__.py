"""Events: what can happen at the desk. Each kind is one frozen dataclass; the journal keeps what was recorded (law 4).

``registry`` declares and reads kinds, the other modules are the core's own; plugins bring theirs with
``register_events``.
"""
