/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that needs a library of its own, and writes down that it was started. */

#include <stdio.h>
#include <stdlib.h>

int onward_sample_answer (void);

int
main (void)
{
  char path[4096];
  FILE *file;

  snprintf (path, sizeof path, "%s/starts", getenv ("ONWARD_INSTALL"));
  file = fopen (path, "a");
  if (file == NULL)
    return 1;
  fputc ('2', file);
  fclose (file);
  return onward_sample_answer () == 42 ? 0 : 1;
}
