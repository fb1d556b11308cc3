# tests/checks/: bouncectl check, of a made-up server's files and a nameserver that answers from a file
CHECKS_TESTS = \
	tests/checks/firewall.test \
	tests/checks/blocklists.test \
	tests/checks/dkim.test \
	tests/checks/dmarc.test \
	tests/checks/domain.test \
	tests/checks/garbage.test \
	tests/checks/hosting.test \
	tests/checks/mailbox.test \
	tests/checks/mx.test \
	tests/checks/nameservers.test \
	tests/checks/options.test \
	tests/checks/port25.test \
	tests/checks/ptr.test \
	tests/checks/resolv-conf.test \
	tests/checks/server.test \
	tests/checks/spf.test \
	tests/checks/why.test
TESTS += $(CHECKS_TESTS)
EXTRA_DIST += $(CHECKS_TESTS) \
	tests/checks/checks.sh \
	tests/checks/dns_server.py \
	tests/checks/smtp_servers.py \
	tests/data/checks/blocklists.txt \
	tests/data/checks/dkim.txt \
	tests/data/checks/dmarc.txt \
	tests/data/checks/domain.txt \
	tests/data/checks/hosting.txt \
	tests/data/checks/mailbox.txt \
	tests/data/checks/mx.txt \
	tests/data/checks/nameservers.txt \
	tests/data/checks/options.txt \
	tests/data/checks/firewall-kernel.txt \
	tests/data/checks/firewall.txt \
	tests/data/checks/port25.txt \
	tests/data/checks/ptr.txt \
	tests/data/checks/resolv-conf.txt \
	tests/data/checks/server.txt \
	tests/data/checks/spf.txt \
	tests/data/checks/why.txt
