# client/: bouncectl renders what the daemon answers; it never parses a log
bin_PROGRAMS += bouncectl
bouncectl_SOURCES = client/main.c
bouncectl_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS)
bouncectl_LDADD = libprotocol.la $(JSONC_LIBS) $(SMARTCOLS_LIBS)
