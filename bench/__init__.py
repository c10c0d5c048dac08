"""What the proxy costs, as ratios to other programs in the same run: `make bench`, or `python -m bench fill` for one.

A subject is a module with `rows(console) -> Iterator[Row]`; it stands in `SUBJECTS` of `__main__.py`.
"""
