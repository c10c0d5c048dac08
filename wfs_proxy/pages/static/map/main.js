// The script of the map page.
