# protocol/: what both sides speak
noinst_LIBRARIES += libprotocol.a
libprotocol_a_SOURCES = \
	protocol/errors.c \
	protocol/errors.h \
	protocol/json_out.c \
	protocol/json_out.h \
	protocol/limits.h \
	protocol/read_up_to.h \
	protocol/wide_pipe.h
