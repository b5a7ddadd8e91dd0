"""How many requests are a warm-up, and how many a whole run: 0 for any number of them."""

from __future__ import annotations


class Quota:
    """``warms`` are those of the warm-up that are still to come."""

    def __init__(self, warm_up: int, requests: int) -> None:
        self.warms, self._left = warm_up, requests
        self.is_set = bool(warm_up or requests)

    def is_warm(self) -> bool:
        """One more was offered: was it the last of the warm-up?"""
        if not self.warms:
            return False
        self.warms -= 1
        return not self.warms

    def is_enough(self) -> bool:
        """One more was offered that counts: was it the last?"""
        if not self._left:
            return False
        self._left -= 1
        return not self._left
