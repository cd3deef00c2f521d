/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program whose library is missing is started all right as far as the kernel knows, and ends at
 * once. Its own dynamic linker is asked before, which knows all the rules; nothing of the program
 * is run for that. */

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "onward-launch-libraries.h"

#define MAX_HEADERS 64
#define MAX_OUTPUT  4096
/* What the linker says of a library that is there but too old. */
#define TOO_OLD "' not found (required by "
/* What it ends with when one cannot be had, and what it says where that is because it is missing. A
 * computer that has no memory or no descriptors left just now says nothing of a version. */
#define NOT_HAD 127
#define MISSING ": No such file or directory"

static bool
is_missing (int status, const char *output)
{
  return (WIFEXITED (status) && WEXITSTATUS (status) == NOT_HAD &&
          strstr (output, MISSING) != NULL) ||
         strstr (output, TOO_OLD) != NULL;
}

/* The dynamic linker that a program of this computer's own kind names. */
static bool
read_linker (const char *program, char linker[PATH_MAX])
{
  int fd = open (program, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  ElfW (Ehdr) head;
  ElfW (Phdr) part = { .p_type = PT_NULL };
  bool found = false;

  if (fd < 0)
    return false;
  if (pread (fd, &head, sizeof head, 0) == (ssize_t) sizeof head &&
      memcmp (head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_phentsize == sizeof part)
    {
      for (int i = 0; i < head.e_phnum && i < MAX_HEADERS && part.p_type != PT_INTERP; i++)
        {
          off_t offset = (off_t) head.e_phoff + (off_t) i * (off_t) sizeof part;

          if (pread (fd, &part, sizeof part, offset) != (ssize_t) sizeof part)
            break;
        }
    }
  if (part.p_type == PT_INTERP && part.p_filesz > 1 && part.p_filesz < PATH_MAX)
    found = pread (fd, linker, part.p_filesz, (off_t) part.p_offset) == (ssize_t) part.p_filesz &&
            linker[0] == '/' && linker[part.p_filesz - 1] == '\0';
  close (fd);
  return found;
}

static void
become_linker (const char *linker, const char *program, int errors)
{
  int nowhere = open ("/dev/null", O_RDWR);

  if (dup2 (nowhere, STDIN_FILENO) >= 0 && dup2 (nowhere, STDOUT_FILENO) >= 0 &&
      dup2 (errors, STDERR_FILENO) >= 0)
    execl (linker, linker, "--list", program, (char *) NULL);
  _exit (0);
}

static size_t
read_all (int fd, char text[MAX_OUTPUT])
{
  char rest[256];
  size_t length = 0;
  ssize_t n;

  while (length < MAX_OUTPUT - 1 && (n = read (fd, text + length, MAX_OUTPUT - 1 - length)) > 0)
    length += (size_t) n;
  while (read (fd, rest, sizeof rest) > 0)
    continue;
  text[length] = '\0';
  return length;
}

/**
 * onward_launch_libraries_are_found:
 * @program: an absolute path
 *
 * Asks the dynamic linker that the program names whether it finds every library, in the version
 * that is needed, and says on standard error what it does not find. Blocks for milliseconds.
 *
 * Returns: whether nothing is known to be missing; what is no dynamic program, or cannot be looked
 *   into, needs nothing
 */
bool
onward_launch_libraries_are_found (const char *program)
{
  const struct sigaction plain = { .sa_handler = SIG_DFL };
  struct sigaction on_child;
  char linker[PATH_MAX];
  char output[MAX_OUTPUT];
  int ends[2];
  int status = 0;
  bool found;
  pid_t child;

  if (!read_linker (program, linker) || pipe2 (ends, O_CLOEXEC) != 0)
    return true;

  /* Where children are ignored nobody is told of their end. */
  sigaction (SIGCHLD, &plain, &on_child);
  child = fork ();
  if (child == 0)
    become_linker (linker, program, ends[1]);
  close (ends[1]);
  (void) read_all (ends[0], output);
  close (ends[0]);

  found = child < 0 || waitpid (child, &status, 0) != child || !is_missing (status, output);
  sigaction (SIGCHLD, &on_child, NULL);
  if (!found)
    fputs (output, stderr);
  return found;
}
