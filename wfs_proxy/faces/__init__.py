"""The interfaces of other programs: each turns a request into a query, and what the query selects into bytes."""
