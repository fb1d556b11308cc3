# protocol/: what both sides speak
noinst_LTLIBRARIES += libprotocol.la
libprotocol_la_SOURCES = \
	protocol/errors.c \
	protocol/errors.h \
	protocol/json_out.c \
	protocol/json_out.h \
	protocol/limits.h
