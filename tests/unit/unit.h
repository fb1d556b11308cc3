/* How a unit test ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>

/* Runs the tests as the environment says (CK_VERBOSITY), and frees them; the exit status of the program. */
static inline int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#endif
