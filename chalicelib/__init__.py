"""What app.py is made of."""

import gc

# Little of what is imported, or of what a request is parsed to, is garbage with cycles. At Python's default of 700
# objects the collector takes a tenth of the CPU of a cold start, and half of that of a large request. It stands here to
# be set before the rest of the package, and the SDK with it, is imported.
gc.set_threshold(100_000)
