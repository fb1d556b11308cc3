# tests/exim/: a private, real Exim, and the tests that drive it
EXTRA_DIST += \
	tests/exim/lab \
	tests/exim/lab.sh \
	tests/exim/newer-exim \
	tests/exim/remote.py \
	tests/exim/talk.py \
	tests/exim/etc/central.filter \
	tests/exim/etc/exim.conf.in \
	tests/exim/etc/localdomains \
	tests/exim/etc/mailboxes \
	tests/exim/etc/filters \
	tests/exim/etc/quotas \
	tests/exim/etc/remote.table \
	tests/exim/etc/routes.in \
	tests/exim/etc/system.filter \
	tests/exim/etc/user.filter \
	tests/exim/etc/valiases
