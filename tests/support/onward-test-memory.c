/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-test-memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MASK  0x5a
#define CHUNK (gsize) (1024 * 1024)

/* What is larger was only set aside: sanitizers do that, by terabytes, for notes of their own. */
#define MAX_AREA ((gsize) 1 << 30)

/**
 * onward_test_memory_learn:
 * @secret: where to
 * @path: a file
 * @offset: where in it the secret begins
 * @size: how many bytes it has
 *
 * Learns a part of a file, without a trace of it in memory.
 */
void
onward_test_memory_learn (OnwardTestSecret *secret, const char *path, gsize offset, gsize size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  secret->size = MIN (size, sizeof secret->masked);
  g_assert_cmpuint (size, ==, secret->size);
  g_assert_cmpint (pread (fd, secret->masked, secret->size, (off_t) offset), ==, (gssize) size);
  close (fd);
  for (gsize i = 0; i < size; i++)
    secret->masked[i] ^= MASK;
}

/**
 * onward_test_memory_learn_bytes:
 * @secret: where to
 * @data: the bytes, which are wiped
 * @size: how many there are
 *
 * Learns what is in memory, once.
 */
void
onward_test_memory_learn_bytes (OnwardTestSecret *secret, gpointer data, gsize size)
{
  guint8 *bytes = data;

  secret->size = MIN (size, sizeof secret->masked);
  g_assert_cmpuint (size, ==, secret->size);
  for (gsize i = 0; i < secret->size; i++)
    secret->masked[i] = bytes[i] ^ MASK;
  explicit_bzero (data, size);
}

static gboolean
is_at (const OnwardTestSecret *secret, const guint8 *data)
{
  for (gsize i = 0; i < secret->size; i++)
    {
      if (data[i] != (secret->masked[i] ^ MASK))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_in (const OnwardTestSecret *secret, const guint8 *data, gsize size)
{
  for (gsize i = 0; i + secret->size <= size; i++)
    {
      if (is_at (secret, data + i))
        return TRUE;
    }
  return FALSE;
}

/* Whatever can be read from @begin to @end is looked at, in pieces that overlap. */
static gboolean
is_between (const OnwardTestSecret *secret, int memory, guint8 *buffer, gsize begin, gsize end)
{
  for (gsize at = begin; at < end; at += CHUNK - secret->size)
    {
      gssize got = pread (memory, buffer, MIN (CHUNK, end - at), (off_t) at);

      if (got <= 0)
        return FALSE;
      if (is_in (secret, buffer, (gsize) got))
        return TRUE;
    }
  return FALSE;
}

/**
 * onward_test_memory_holds:
 * @secret: what to look for
 *
 * Looks through the heap and everything else that this process may write to, what was freed
 * included.
 *
 * Returns: whether it is there
 */
gboolean
onward_test_memory_holds (const OnwardTestSecret *secret)
{
  guint8 *buffer = mmap (NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int memory = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  FILE *maps = fopen ("/proc/self/maps", "re");
  gboolean found = FALSE;
  char line[1024];

  g_assert_true (buffer != MAP_FAILED && memory >= 0 && maps != NULL);
  while (!found && fgets (line, sizeof line, maps) != NULL)
    {
      gsize begin, end;
      char mode[5];

      if (sscanf (line, "%zx-%zx %4s", &begin, &end, mode) != 3 || mode[1] != 'w' ||
          end - begin > MAX_AREA || begin == (gsize) buffer ||
          (begin < (gsize) buffer && end > (gsize) buffer))
        continue;
      found = is_between (secret, memory, buffer, begin, end);
    }
  fclose (maps);
  close (memory);
  munmap (buffer, CHUNK);
  return found;
}
