"""Keys as people write them, and which binding a key means on a screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from perftui.config.keymap import Binding, Scope, scopes_of

_SHOWN = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "shift+left": "⇧←",
    "shift+right": "⇧→",
    "shift+tab": "⇧tab",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def shown(key: str, *, ascii_only: bool = False) -> str:
    """``question_mark`` is ``?``; arrows by name where there is no UTF-8."""
    text = _SHOWN.get(key, key)
    return key if ascii_only and not text.isascii() else text


def key_table(bindings: Iterable[Binding], scope: Scope) -> Mapping[str, Binding]:
    """Key names to bindings on a screen: its own before those of tables, these before the app's."""
    table: dict[str, Binding] = {}
    works = scopes_of(scope)
    order = {Scope.APP: 0, Scope.TABLES: 1}
    for binding in sorted(bindings, key=lambda binding: order.get(binding.scope, 2)):
        if binding.scope in works:
            table.update(dict.fromkeys(binding.keys, binding))
    return table


def working(bindings: Iterable[Binding], scope: Scope) -> tuple[Binding, ...]:
    """The bindings that work on a screen with the keys that reach them there: its own may take one of another."""
    known = tuple(bindings)
    table = key_table(known, scope)
    kept = [
        msgspec.structs.replace(binding, keys=tuple(key for key in binding.keys if table[key].id == binding.id))
        for binding in known
        if binding.scope in scopes_of(scope)
    ]
    return tuple(binding for binding in kept if binding.keys)


def action_name(binding_id: str) -> str:
    """``panel.expand`` is carried out by ``action_panel_expand``."""
    return "action_" + binding_id.replace(".", "_")
