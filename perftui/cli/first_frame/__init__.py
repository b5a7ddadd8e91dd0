"""A first picture with figures of this machine, written before anything heavy is imported.

Whatever is imported here is waited for by whoever looks at an empty terminal: not even ``re`` and ``typing``, which are
as long as an empty Python start. Linux only: figures come from /proc.
"""
