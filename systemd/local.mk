# systemd/: the service, its socket, its user, and what its messages mean
dist_systemdsystemunit_DATA = systemd/bounced.socket
nodist_systemdsystemunit_DATA = systemd/bounced.service
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = systemd/bounced.catalog
EXTRA_DIST += systemd/bounced.service.in systemd/bounced.sysusers systemd/bounced.tmpfiles
CLEANFILES += systemd/bounced.service

systemd/bounced.service: systemd/bounced.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	sed -e 's#@sbindir[@]#$(sbindir)#' $(srcdir)/systemd/bounced.service.in >$@.new && mv $@.new $@

install-systemd:
	$(MKDIR_P) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir)
	$(INSTALL_DATA) $(srcdir)/systemd/bounced.sysusers $(DESTDIR)$(sysusersdir)/bounced.conf
	$(INSTALL_DATA) $(srcdir)/systemd/bounced.tmpfiles $(DESTDIR)$(tmpfilesdir)/bounced.conf

uninstall-systemd:
	rm -f $(DESTDIR)$(sysusersdir)/bounced.conf $(DESTDIR)$(tmpfilesdir)/bounced.conf

.PHONY: install-systemd uninstall-systemd
