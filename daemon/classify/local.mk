libbounced_la_SOURCES += \
	daemon/classify/advice.c \
	daemon/classify/classifier.c \
	daemon/classify/classifier.h \
	daemon/classify/classify.h \
	daemon/classify/enhanced.c \
	daemon/classify/enhanced.h \
	daemon/classify/facts.c \
	daemon/classify/literals.c \
	daemon/classify/literals.h \
	daemon/classify/match.c \
	daemon/classify/match.h \
	daemon/classify/pasted.c \
	daemon/classify/pasted.h \
	daemon/classify/reply.c \
	daemon/classify/reply.h \
	daemon/classify/rules.c \
	daemon/classify/rules.h \
	daemon/classify/sample.c \
	daemon/classify/sample.h
