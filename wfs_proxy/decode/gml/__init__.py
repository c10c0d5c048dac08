"""GML 2, 3.1.1 and 3.2 documents to a `FeatureBatch`."""
