"""Imports without the garbage collector: it would walk everything loaded so far again and again, a tenth of a start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Around large imports. What is there afterwards stays for good, and no later collection looks at it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
