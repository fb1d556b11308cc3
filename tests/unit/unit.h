/* How a unit test is run. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

/* gcc says that it builds with AddressSanitizer in one way, clang in another. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNIT_SEARCHES_FOR_LEAKS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNIT_SEARCHES_FOR_LEAKS
#endif

/* Runs the tests as the environment says (CK_VERBOSITY, CK_FORK), and frees them; the exit status of the program. */
static inline int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);

#ifdef UNIT_SEARCHES_FOR_LEAKS
	/* The search at the end of a process takes longer than most tests: one process for all of them, which must not hang. */
	if (getenv("CK_FORK") == NULL) {
		srunner_set_fork_status(runner, CK_NOFORK);
		alarm(600);
	}
#endif
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#endif
