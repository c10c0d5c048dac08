"""Where a layer's objects come from: what to ask of a vendor, and how."""
