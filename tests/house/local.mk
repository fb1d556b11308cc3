# tests/house/: what holds for the whole tree
HOUSE_TESTS = \
	tests/house/catalog.test \
	tests/house/format.test \
	tests/house/includes_point_one_way.test \
	tests/house/man-pages.test \
	tests/house/names-no-machine.test \
	tests/house/says-its-licence.test \
	tests/house/shellcheck.test
TESTS += $(HOUSE_TESTS)
EXTRA_DIST += $(HOUSE_TESTS) tests/house/house.sh .clang-format

format:
	cd $(srcdir) && clang-format -i $$(find protocol daemon client tests -name '*.[ch]')

format-check:
	$(srcdir)/tests/house/format.test

.PHONY: format format-check
