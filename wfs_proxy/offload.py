"""The type of functions that run work outside the event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["Offload"]

Offload = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments without blocking the event loop, as `asyncio.to_thread` does."""
