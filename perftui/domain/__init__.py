"""The words of perftui: frozen types, enums, units and errors; no IO and no clock."""
