# doc/
dist_man_MANS += doc/bounced-rules.5 doc/bouncectl.1
