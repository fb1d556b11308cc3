# protocol/: what both sides speak
noinst_LTLIBRARIES += libprotocol.la
libprotocol_la_SOURCES =
