"""A small system in which everything is real: a service, a client, agents with work, and faults that can be lifted.

It is what `perftui demo` shows. Nothing here knows the console: processes of their own, the standard library only, and
what they tell is what any system can tell (`/metrics` and workflow events).
"""
