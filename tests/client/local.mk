# tests/client/: bouncectl alone, against a daemon that answers from a file
CLIENT_TESTS = \
	tests/client/agreement.test \
	tests/client/cases.test \
	tests/client/classes-document.test \
	tests/client/documented.test \
	tests/client/lists.test \
	tests/client/pasted.test \
	tests/client/results.test \
	tests/client/same-answers.test \
	tests/client/settings.test \
	tests/client/stories.test \
	tests/client/streams.test \
	tests/client/transport.test \
	tests/client/usage.test \
	tests/client/watching.test
TESTS += $(CLIENT_TESTS)
EXTRA_DIST += $(CLIENT_TESTS) \
	tests/client/client.sh \
	tests/client/fake_daemon.py \
	tests/data/cases/article.cases \
	tests/data/cases/boxes.cases \
	tests/data/client/answers.json \
	tests/data/client/cases.txt \
	tests/data/client/lists.txt \
	tests/data/client/pasted.txt \
	tests/data/client/settings.txt \
	tests/data/client/stories.txt \
	tests/data/client/transport.txt \
	tests/data/client/usage.txt \
	tests/data/client/watching.txt
