/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a fuzz target without libFuzzer: the empty input and every file of a corpus folder, each
 * followed by a bounded number of mutations of it. Everything is derived from a fixed seed, so that
 * a failure repeats. Each file runs in a child of its own and is one TAP test; what made the child
 * die is left in the present folder as "crash-TARGET-FILE".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "fuzz.h"

#define INPUT_MAX (256 * 1024)
#define RUNS      4000
#define BUDGET_MS 2000
#define TIMEOUT_S 30

typedef struct
{
  const char *name;
  GBytes *seed;  /* (owned) */
  GBytes *other; /* (unowned): another seed, to splice with */
} Seed;

/* Shared with the child, so that the parent can tell which input it died of. */
typedef struct
{
  guint run;
  gsize size;
  guint8 data[INPUT_MAX];
} Present;

static void
seed_free (Seed *seed)
{
  g_bytes_unref (seed->seed);
  g_free (seed);
}

static gsize
pick (GRand *random, gsize below)
{
  return below == 0 ? 0 : g_rand_int (random) % below;
}

static void
flip_bit (GRand *random, GByteArray *input)
{
  if (input->len > 0)
    input->data[pick (random, input->len)] ^= (guint8) (1u << pick (random, 8));
}

static void
set_interesting (GRand *random, GByteArray *input)
{
  static const guint8 interesting[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, '"', '\\', '/',
                                        '.',  '[',  '{',  '-',  '0',  '9', '\n', ' ' };

  if (input->len > 0)
    input->data[pick (random, input->len)] = interesting[pick (random, sizeof interesting)];
}

static void
remove_range (GRand *random, GByteArray *input)
{
  gsize start = pick (random, input->len);
  gsize size = pick (random, MIN (input->len - start, 64) + 1);

  if (size > 0)
    g_byte_array_remove_range (input, (guint) start, (guint) size);
}

static void
truncate_input (GRand *random, GByteArray *input)
{
  g_byte_array_set_size (input, (guint) pick (random, input->len + 1));
}

static void
insert (GByteArray *input, gsize at, const guint8 *bytes, gsize size)
{
  gsize tail = input->len - at;

  if (size == 0 || input->len + size > INPUT_MAX)
    return;

  g_byte_array_set_size (input, (guint) (input->len + size));
  memmove (input->data + at + size, input->data + at, tail);
  memcpy (input->data + at, bytes, size);
}

static void
repeat_range (GRand *random, GByteArray *input)
{
  gsize start = pick (random, input->len);
  gsize size = pick (random, MIN (input->len - start, 64) + 1);
  g_autofree guint8 *copy = size > 0 ? g_memdup2 (input->data + start, size) : NULL;

  insert (input, pick (random, input->len + 1), copy, size);
}

static void
insert_noise (GRand *random, GByteArray *input)
{
  guint8 noise[16];

  for (gsize i = 0; i < sizeof noise; i++)
    noise[i] = (guint8) g_rand_int (random);
  insert (input, pick (random, input->len + 1), noise, pick (random, sizeof noise) + 1);
}

static void
splice (GRand *random, GByteArray *input, GBytes *other)
{
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (other, &size);
  gsize start = pick (random, size);

  insert (input, pick (random, input->len + 1), bytes + start, pick (random, size - start + 1));
}

static void
mutate (GRand *random, GByteArray *input, GBytes *other)
{
  for (gsize left = pick (random, 4) + 1; left > 0; left--)
    switch (pick (random, 7))
      {
      case 0:
        flip_bit (random, input);
        break;
      case 1:
        set_interesting (random, input);
        break;
      case 2:
        remove_range (random, input);
        break;
      case 3:
        repeat_range (random, input);
        break;
      case 4:
        insert_noise (random, input);
        break;
      case 5:
        splice (random, input, other);
        break;
      default:
        truncate_input (random, input);
        break;
      }
}

static void
run_one (Present *present, guint run, GByteArray *input)
{
  /* A copy of exact size, so that AddressSanitizer sees a read past its end. */
  g_autofree guint8 *data = g_malloc (MAX (input->len, 1));

  if (input->len > 0)
    {
      memcpy (data, input->data, input->len);
      memcpy (present->data, input->data, input->len);
    }
  present->size = input->len;
  present->run = run;
  (void) LLVMFuzzerTestOneInput (data, input->len);
}

static void
run_seed (const Seed *seed, Present *present, guint runs, gint64 deadline)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (0x6f6e7764);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (seed->seed, &size);

  for (guint run = 0; run <= runs; run++)
    {
      g_byte_array_set_size (input, 0);
      if (size > 0)
        g_byte_array_append (input, bytes, (guint) MIN (size, INPUT_MAX));
      if (run > 0)
        mutate (random, input, seed->other);
      run_one (present, run, input);
      if (g_get_monotonic_time () > deadline)
        break;
    }
}

static void
save_finding (const char *target, const char *name, const Present *present)
{
  g_autofree char *path = g_strdup_printf ("crash-%s-%s", target, name);
  g_autoptr (GError) error = NULL;

  if (g_file_set_contents (path, (const char *) present->data, (gssize) present->size, &error))
    g_print ("# the input is in “%s”\n", path);
  else
    g_print ("# cannot keep the input: %s\n", error->message);
}

/* Runs one seed in a child; TRUE when it ended well. */
static gboolean
check_seed (const char *target, const Seed *seed, guint number, guint runs, guint budget_ms,
            Present *present)
{
  int status = 0;
  pid_t child;

  (void) fflush (NULL);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      (void) alarm (TIMEOUT_S);
      run_seed (seed, present, runs, g_get_monotonic_time () + budget_ms * 1000);
      exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    {
      g_print ("ok %u - %s/%s, %u mutations\n", number, target, seed->name, present->run);
      return TRUE;
    }

  g_print ("not ok %u - %s/%s, mutation %u: %s\n", number, target, seed->name, present->run,
           WIFSIGNALED (status) ? g_strsignal (WTERMSIG (status)) : "exit status not 0");
  save_finding (target, seed->name, present);
  return FALSE;
}

static void
add_seed (GPtrArray *seeds, const char *name, char *contents, gsize size)
{
  Seed *seed = g_new0 (Seed, 1);

  seed->name = name;
  seed->seed = g_bytes_new_take (contents, size);
  seed->other = seed->seed;
  g_ptr_array_add (seeds, seed);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
load_seeds (const char *folder, GPtrArray *names)
{
  g_autoptr (GPtrArray) seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) seed_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  add_seed (seeds, "(empty)", g_strdup (""), 0);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  /* A stable order, whatever the file system says. */
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      char *contents = NULL;
      gsize size = 0;

      if (g_file_get_contents (path, &contents, &size, NULL))
        add_seed (seeds, names->pdata[i], contents, size);
    }
  for (guint i = 0; i < seeds->len; i++)
    ((Seed *) seeds->pdata[i])->other = ((Seed *) seeds->pdata[(i + 1) % seeds->len])->seed;
  return g_steal_pointer (&seeds);
}

/* usage: fuzz-TARGET CORPUS-FOLDER [RUNS [MILLISECONDS]] */
int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) seeds = load_seeds (argc > 1 ? argv[1] : ".", names);
  g_autofree char *target = g_path_get_basename (argv[0]);
  guint runs = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : RUNS;
  guint budget_ms = argc > 3 ? (guint) g_ascii_strtoull (argv[3], NULL, 10) : BUDGET_MS;
  gboolean passed = TRUE;
  Present *present =
      mmap (NULL, sizeof *present, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (present != MAP_FAILED);
  g_print ("1..%u\n", seeds->len);
  for (guint i = 0; i < seeds->len; i++)
    if (!check_seed (target, seeds->pdata[i], i + 1, runs / seeds->len, budget_ms / seeds->len,
                     present))
      passed = FALSE;

  (void) munmap (present, sizeof *present);
  return passed ? 0 : 1;
}
