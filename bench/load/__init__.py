"""Many people at the report form's map, while the vendor is away and the proxy is restarted: `make load`.

The vendors and the Signalen are recorded ones, everything is on loopback, and every answer is compared with what the
layers really hold. It ends by itself, with a report in `bench/results/load.html`.
"""
