/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a command costs. A program this small, because the most memory that a process ever had
 * counts what its parent had when it was made. */

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static double
seconds (struct timeval time)
{
  return (double) time.tv_sec + (double) time.tv_usec / 1e6;
}

static int
report (const char *path, double wall, int status, const struct rusage *usage)
{
  FILE *file = fopen (path, "we");

  if (file == NULL)
    {
      perror (path);
      return 125;
    }
  fprintf (file, "{\"wall\": %.6f, \"cpu\": %.6f, \"memory\": %.3f, \"status\": %d}\n", wall,
           seconds (usage->ru_utime) + seconds (usage->ru_stime), (double) usage->ru_maxrss / 1024,
           status);
  return fclose (file) == 0 ? 0 : 125;
}

/* usage: bench-cost REPORT COMMAND [ARGUMENT…] */
int
main (int argc, char **argv)
{
  struct rusage usage = { 0 };
  double begin = now ();
  int status = 0;
  pid_t child = argc < 3 ? -1 : fork ();

  if (child < 0)
    {
      fprintf (stderr, "usage: bench-cost REPORT COMMAND [ARGUMENT…]\n");
      return 125;
    }
  if (child == 0)
    {
      execvp (argv[2], argv + 2);
      perror (argv[2]);
      _exit (127);
    }

  if (wait4 (child, &status, 0, &usage) != child)
    {
      perror ("bench-cost");
      return 125;
    }
  return report (argv[1], now () - begin,
                 WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status), &usage);
}
