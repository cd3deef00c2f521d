/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>

#include "onward-error.h"
#include "onward-test-delta.h"
#include "onward-test-draft.h"
#include "onward-test-elf.h"

#define BIT_31 (G_GUINT64_CONSTANT (1) << 31)
#define BIT_32 (G_GUINT64_CONSTANT (1) << 32)
#define BIT_63 (G_GUINT64_CONSTANT (1) << 63)

#define MORE    "says more than is needed"
#define EARLY   "ends too early"
#define TOO_FAR "distance in the delta is too large"
#define TAKEN   NULL

/* A program, and text before it. */
static GPtrArray *
make_old (void)
{
  return onward_test_delta_list (g_bytes_new_static ("text", 4),
                                 onward_test_elf_new (EM_X86_64, 1, 8, 0));
}

/* The new program is the old one, with all fields as foretold. */
static OnwardTestDraft *
make_good (GPtrArray *old_contents)
{
  gsize size = g_bytes_get_size (g_ptr_array_index (old_contents, 1));
  OnwardTestDraft *draft = onward_test_draft_new (size + 4, size);

  onward_test_draft_say_file (draft, 0, 1, 0);
  onward_test_draft_say_cover (draft, 0, size, 4);
  return draft;
}

static GBytes *
apply (GPtrArray *old_contents, const OnwardTestDraft *draft, GError **error)
{
  g_autoptr (GBytes) delta = onward_test_draft_finish (draft);

  return onward_test_delta_apply (old_contents, delta, draft->header.new_size, error);
}

/* Without damage the program comes back, so that what follows is refused for its damage alone. */
static void
test_good (void)
{
  g_autoptr (GPtrArray) old_contents = make_old ();
  g_autoptr (OnwardTestDraft) draft = make_good (old_contents);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rebuilt = apply (old_contents, draft, &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (rebuilt, g_ptr_array_index (old_contents, 1)));
}

/* What is said of fields; where a program is whole, a wrong number is only a wrong field, which a
 * digest tells. */
typedef struct
{
  const char *why;
  guint n;
  struct
  {
    OnwardDeltaStreamKind kind;
    guint64 number;
  } said[4];
} Damage;

/* clang-format off */
static const Damage damages[] = {
  { EARLY,   1, { { ONWARD_STREAM_RUNS, 0 } } },
  { EARLY,   1, { { ONWARD_STREAM_RUNS, 5 } } },
  { EARLY,   2, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 3 } } },
  { EARLY,   2, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 127 } } },
  { EARLY,   3, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_RUNS, 0 },
                  { ONWARD_STREAM_GUESSES, 1 } } },
  { MORE,    1, { { ONWARD_STREAM_RUNS, BIT_31 } } },
  { MORE,    1, { { ONWARD_STREAM_RUNS, BIT_32 } } },
  { MORE,    1, { { ONWARD_STREAM_RUNS, BIT_63 } } },
  { TOO_FAR, 1, { { ONWARD_STREAM_RUNS, G_MAXUINT64 } } },
  { TOO_FAR, 3, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_RUNS, G_MAXUINT64 },
                  { ONWARD_STREAM_GUESSES, 1 } } },
  { MORE,    1, { { ONWARD_STREAM_GUESSES, 1 } } },
  { MORE,    3, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 1 },
                  { ONWARD_STREAM_GUESSES, 1 } } },
  { MORE,    3, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 2 },
                  { ONWARD_STREAM_MISSES, 1 } } },
  { MORE,    3, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 2 },
                  { ONWARD_STREAM_WIDE_MISSES, 1 } } },
  { MORE,    4, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 3 },
                  { ONWARD_STREAM_MISSES, BIT_31 }, { ONWARD_STREAM_WIDE_MISSES, BIT_63 } } },
  { TAKEN,   2, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 1 } } },
  { TAKEN,   2, { { ONWARD_STREAM_RUNS, 0 }, { ONWARD_STREAM_GUESSES, 2 } } },
};
/* clang-format on */

/* Whatever is said of fields that cannot be is refused, and the error says what is wrong. */
static void
test_fields (void)
{
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      const Damage *damage = &damages[i];
      g_autoptr (OnwardTestDraft) draft = make_good (old_contents);
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      for (guint j = 0; j < damage->n; j++)
        onward_test_draft_say (draft, damage->said[j].kind, damage->said[j].number);
      g_test_message ("damage %u", i);
      rebuilt = apply (old_contents, draft, &error);
      g_assert_true ((rebuilt != NULL) == (damage->why == TAKEN));
      if (damage->why == TAKEN)
        continue;
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, damage->why));
    }
}

/* Says that the @n-th field is missed by @number, in one of the streams for that, and what comes of
 * it. A number of 0 bits stands for one of too many. */
static GBytes *
miss (GPtrArray *old_contents, guint n, OnwardDeltaStreamKind kind, guint64 number, GError **error)
{
  g_autoptr (OnwardTestDraft) draft = make_good (old_contents);

  onward_test_draft_say (draft, ONWARD_STREAM_RUNS, n);
  onward_test_draft_say (draft, ONWARD_STREAM_GUESSES, 3);
  onward_test_draft_say (draft, kind, number);
  if (number == 0)
    memset (g_byte_array_set_size (draft->streams[kind], 20)->data, 0xff, 20);
  return apply (old_contents, draft, error);
}

/* A field may be missed by any number, however large, but each kind of field only by what is said
 * for its kind, and by no number of more than 64 bits. */
static void
test_misses (void)
{
  const OnwardDeltaStreamKind kinds[] = { ONWARD_STREAM_MISSES, ONWARD_STREAM_WIDE_MISSES };
  const guint64 numbers[] = { 1, BIT_31, BIT_32 - 1, BIT_32, BIT_63, G_MAXUINT64 };
  g_autoptr (GPtrArray) old_contents = make_old ();
  guint n_of_kind[2] = { 0 };

  for (guint n = 0; n < 500; n++)
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      {
        g_autoptr (GBytes) probe = miss (old_contents, n, kinds[i], 2, NULL);
        g_autoptr (GBytes) endless = NULL;
        g_autoptr (GError) error = NULL;

        if (probe == NULL)
          continue;

        n_of_kind[i]++;
        endless = miss (old_contents, n, kinds[i], 0, &error);
        g_assert_null (endless);
        g_assert_nonnull (strstr (error->message, "a number that is too large"));
        for (guint j = 0; j < G_N_ELEMENTS (numbers); j++)
          {
            g_autoptr (GBytes) rebuilt = miss (old_contents, n, kinds[i], numbers[j], NULL);

            g_assert_nonnull (rebuilt);
          }
      }
  g_assert_cmpuint (n_of_kind[0], >, 0);
  g_assert_cmpuint (n_of_kind[1], >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/hostile-fields/good", test_good);
  g_test_add_func ("/hostile-fields/fields", test_fields);
  g_test_add_func ("/hostile-fields/misses", test_misses);
  return g_test_run ();
}
