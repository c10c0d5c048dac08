"""Many users of the report form's map, while vendors are down and the proxy is restarted: `make load`.

Vendors are replayed from recordings, everything is on loopback, and every answer is compared with the contents of the
layers. The test ends by itself and writes a report to `bench/results/load.html`.
"""
