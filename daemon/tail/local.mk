libbounced_la_SOURCES +=
