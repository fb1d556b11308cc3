# tests/exim/: a private, real Exim, and the tests that drive it
EXIM_TESTS = \
	tests/exim/next-debian.test \
	tests/exim/after-data.test \
	tests/exim/article.test \
	tests/exim/delivered.test \
	tests/exim/evidence.test \
	tests/exim/filters.test \
	tests/exim/greeting-refused.test \
	tests/exim/incidents.test \
	tests/exim/local-trouble.test \
	tests/exim/login-failed.test \
	tests/exim/misrouted.test \
	tests/exim/not-now.test \
	tests/exim/permanently-deferred.test \
	tests/exim/queue-commands.test \
	tests/exim/questions.test \
	tests/exim/relay-denied.test \
	tests/exim/remote-refusals.test \
	tests/exim/unknown-id.test
TESTS += $(EXIM_TESTS)
EXTRA_DIST += $(EXIM_TESTS) \
	tests/data/exim \
	tests/data/logs/cpanel-2013.log \
	tests/data/sample/exim_mainlog \
	tests/exim/demo \
	tests/exim/e2e.sh \
	tests/exim/make_box.py \
	tests/exim/normalise.py \
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
