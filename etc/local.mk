# etc/
# The classes and the rules that come with the package; the administrator's own rules go to $(sysconfdir)/bounced/rules.d,
# and a blocklists.conf in $(sysconfdir)/bounced is read instead of the package's.
dist_pkgdata_DATA = etc/blocklists.conf etc/classes.conf
rulesdir = $(pkgdatadir)/rules.d
dist_rules_DATA = \
	etc/rules.d/codes.rules \
	etc/rules.d/countries.rules \
	etc/rules.d/cpanel.rules \
	etc/rules.d/dnsbl.rules \
	etc/rules.d/exchange.rules \
	etc/rules.d/exim.rules \
	etc/rules.d/france.rules \
	etc/rules.d/gateways.rules \
	etc/rules.d/generic-content.rules \
	etc/rules.d/generic-domain.rules \
	etc/rules.d/generic-mailbox.rules \
	etc/rules.d/generic-nouns.rules \
	etc/rules.d/generic-reputation.rules \
	etc/rules.d/generic-sender.rules \
	etc/rules.d/generic-user.rules \
	etc/rules.d/generic-weak.rules \
	etc/rules.d/gmail.rules \
	etc/rules.d/godaddy.rules \
	etc/rules.d/icloud.rules \
	etc/rules.d/languages.rules \
	etc/rules.d/mailsystems.rules \
	etc/rules.d/microsoft.rules \
	etc/rules.d/mimecast.rules \
	etc/rules.d/no-bounce.rules \
	etc/rules.d/proofpoint.rules \
	etc/rules.d/usa.rules \
	etc/rules.d/words-first.rules \
	etc/rules.d/yahoo.rules

# An administrator's configuration stays as it is.
confdir = $(sysconfdir)/bounced
EXTRA_DIST += etc/bounced.conf

install-conf:
	$(MKDIR_P) $(DESTDIR)$(confdir)/rules.d
	test -e $(DESTDIR)$(confdir)/bounced.conf || \
	$(INSTALL_DATA) $(srcdir)/etc/bounced.conf $(DESTDIR)$(confdir)/bounced.conf

uninstall-conf:
	if cmp -s $(srcdir)/etc/bounced.conf $(DESTDIR)$(confdir)/bounced.conf; then rm -f $(DESTDIR)$(confdir)/bounced.conf; fi

.PHONY: install-conf uninstall-conf

# What config.status links into a build tree of its own.
distclean-local:
	test ! -h etc/blocklists.conf || rm -f etc/blocklists.conf
	test ! -h etc/classes.conf || rm -f etc/classes.conf
	test ! -h etc/rules.d || rm -f etc/rules.d
