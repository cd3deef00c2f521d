/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library that a program of the tests needs. */

int onward_sample_answer (void);

int
onward_sample_answer (void)
{
  return 42;
}
