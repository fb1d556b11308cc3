libbounced_a_SOURCES += \
	daemon/server/access.c \
	daemon/server/access.h \
	daemon/server/conversation.c \
	daemon/server/conversation.h \
	daemon/server/followers.c \
	daemon/server/followers.h \
	daemon/server/nearest.c \
	daemon/server/nearest.h \
	daemon/server/peer.c \
	daemon/server/peer.h \
	daemon/server/request.c \
	daemon/server/request.h \
	daemon/server/server.c \
	daemon/server/server.h \
	daemon/server/socket.c \
	daemon/server/socket.h \
	daemon/server/stdio.c \
	daemon/server/stdio.h
