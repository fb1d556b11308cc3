# tests/faults/: what befalls files, the machine and the socket
check_PROGRAMS += tests/faults/tail_cat
tests_faults_tail_cat_SOURCES = tests/faults/tail_cat.c
tests_faults_tail_cat_LDADD = libbounced.la
