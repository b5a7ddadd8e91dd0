"""An Alertmanager as a source: alerts, what silences them, and writing silences."""
