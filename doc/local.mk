# doc/: the man pages, and how to work on this
dist_man_MANS += doc/bouncectl.1 doc/bounced.8 doc/bounced.conf.5 doc/bounced-rules.5 doc/bounced-rpc.7
EXTRA_DIST += doc/hacking.md doc/classes.md doc/performance.md
