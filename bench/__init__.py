"""What the proxy costs, compared with other programs in the same run: `make bench`, or `python -m bench serve` for one.

A subject is a module with `rows(console) -> Iterator[Row]`, listed in `SUBJECTS` of `__main__.py`.
"""
