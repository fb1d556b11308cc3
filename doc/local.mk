# doc/
dist_man_MANS += doc/bounced-rules.5
