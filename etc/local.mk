# etc/
# The classes and the rules that come with the package; the administrator's own rules go to $(sysconfdir)/bounced/rules.d.
dist_pkgdata_DATA = etc/classes.conf
