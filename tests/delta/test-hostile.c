/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <string.h>
#include <sys/resource.h>

#include "onward-delta-header.h"
#include "onward-delta-stream.h"
#include "onward-error.h"
#include "onward-number.h"
#include "onward-test-delta.h"
#include "onward-test-draft.h"
#include "onward-test-elf.h"
#include "onward-test-sanitizers.h"

#define OLD_SIZE 1000
#define NEW_SIZE 100
/* The numbers that programs get wrong. */
#define BIT_31 (G_GUINT64_CONSTANT (1) << 31)
#define BIT_32 (G_GUINT64_CONSTANT (1) << 32)
#define BIT_63 (G_GUINT64_CONSTANT (1) << 63)
/* More than refusing anything may take. */
#define MAX_MEMORY (G_GUINT64_CONSTANT (256) * 1024 * 1024)

/* Something of no structure, then an executable. */
static GPtrArray *
make_old (void)
{
  GPtrArray *old_contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint8 *data = g_malloc (OLD_SIZE);

  for (gsize i = 0; i < OLD_SIZE; i++)
    data[i] = (guint8) (i * i >> 3);
  g_ptr_array_add (old_contents, g_bytes_new_take (data, OLD_SIZE));
  g_ptr_array_add (old_contents, onward_test_elf_new (EM_X86_64, 1, 8, 0));
  return old_contents;
}

static guint64
measure (GPtrArray *contents)
{
  guint64 size = 0;

  for (guint i = 0; i < contents->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (contents, i));
  return size;
}

/* The new bytes are the first old ones. */
static OnwardTestDraft *
make_good (GPtrArray *old_contents)
{
  OnwardTestDraft *draft = onward_test_draft_new (measure (old_contents), NEW_SIZE);

  onward_test_draft_say_cover (draft, 0, NEW_SIZE, 0);
  return draft;
}

static void
assert_refused (GPtrArray *old_contents, GBytes *delta, OnwardError code, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rebuilt = onward_test_delta_apply (old_contents, delta, NEW_SIZE, &error);

  g_assert_error (error, ONWARD_ERROR, (int) code);
  g_assert_null (rebuilt);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, why));
}

/* The ways that a delta has streams in: as they are, beside tables of what is deflated, and in a
 * chapter. */
static const struct
{
  OnwardDeltaVersion version;
  gboolean is_deflated;
} ways[] = {
  { ONWARD_DELTA_COVERS, FALSE },   { ONWARD_DELTA_DEFLATED, TRUE },
  { ONWARD_DELTA_TOGETHER, FALSE }, { ONWARD_DELTA_TOGETHER, TRUE },
  { ONWARD_DELTA_CHAPTERS, FALSE },
};

/* A draft without damage is taken, so that what follows is refused for its damage alone. */
static void
test_good (void)
{
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (OnwardTestDraft) draft = make_good (old_contents);
      g_autoptr (GBytes) delta = NULL;
      g_autoptr (GBytes) rebuilt = NULL;
      g_autoptr (GError) error = NULL;

      draft->header.version = ways[i].version;
      draft->header.is_deflated = ways[i].is_deflated;
      delta = onward_test_draft_finish (draft);
      rebuilt = onward_test_delta_apply (old_contents, delta, NEW_SIZE, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (rebuilt, NULL), NEW_SIZE,
                       g_bytes_get_data (g_ptr_array_index (old_contents, 0), NULL), NEW_SIZE);
    }
}

/* Every version that is none is one of a later program. */
static void
test_versions (void)
{
  const guint32 versions[] = { 0, 100, G_MAXINT32, BIT_31, G_MAXUINT32 };
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr (OnwardTestDraft) draft = make_good (old_contents);
      g_autoptr (GBytes) delta = NULL;

      draft->header.version = versions[i];
      delta = onward_test_draft_finish (draft);
      assert_refused (old_contents, delta, ONWARD_ERROR_UNSUPPORTED_FORMAT, "has version");
    }
}

/* Sizes that are not those of the contents are refused before any of them is reserved. */
static void
test_sizes (void)
{
  const guint64 sizes[] = { 0, BIT_31 - 1, BIT_31, BIT_32 - 1, BIT_32, BIT_63, G_MAXUINT64 };
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (OnwardTestDraft) draft = make_good (old_contents);
      g_autoptr (GBytes) delta = NULL;

      if (i % 2 == 0)
        draft->header.old_size = sizes[i / 2];
      else
        draft->header.new_size = sizes[i / 2];
      delta = onward_test_draft_finish (draft);
      assert_refused (old_contents, delta, ONWARD_ERROR_MALFORMED, "leads from");
    }
}

#define OUTSIDE  "lies outside its bounds"
#define MORE     "says more than is needed"
#define EARLY    "ends too early"
#define NO_FILE  "names a file that there is not"
#define TOO_FAR  "distance in the delta is too large"
#define TOO_BIG  "is too large"
#define NO_PLACE "is counted from nowhere"
#define OF_NONE  "takes a file for an executable"

/* One stream of the good draft, with other numbers in it. */
typedef struct
{
  OnwardDeltaStreamKind kind;
  const char *why;
  guint n;
  guint64 numbers[3];
} Damage;

/* clang-format off */
static const Damage damages[] = {
  { ONWARD_STREAM_LENGTHS,     OUTSIDE,  1, { 0 } },
  { ONWARD_STREAM_LENGTHS,     OUTSIDE,  1, { NEW_SIZE + 1 } },
  { ONWARD_STREAM_LENGTHS,     OUTSIDE,  1, { BIT_31 } },
  { ONWARD_STREAM_LENGTHS,     OUTSIDE,  1, { BIT_32 + NEW_SIZE } },
  { ONWARD_STREAM_LENGTHS,     OUTSIDE,  1, { BIT_63 } },
  { ONWARD_STREAM_LENGTHS,     OUTSIDE,  1, { G_MAXUINT64 } },
  { ONWARD_STREAM_LENGTHS,     EARLY,    2, { NEW_SIZE - 1, 1 } },
  { ONWARD_STREAM_LENGTHS,     EARLY,    0, { 0 } },
  { ONWARD_STREAM_GAPS,        OUTSIDE,  1, { 1 } },
  { ONWARD_STREAM_GAPS,        OUTSIDE,  1, { BIT_31 } },
  { ONWARD_STREAM_GAPS,        OUTSIDE,  1, { BIT_32 } },
  { ONWARD_STREAM_GAPS,        OUTSIDE,  1, { BIT_63 } },
  { ONWARD_STREAM_GAPS,        OUTSIDE,  1, { G_MAXUINT64 - NEW_SIZE + 1 } },
  { ONWARD_STREAM_GAPS,        EARLY,    0, { 0 } },
  { ONWARD_STREAM_GAPS,        MORE,     2, { 0, 0 } },
  { ONWARD_STREAM_CHOICES,     NO_PLACE, 1, { 16 } },
  { ONWARD_STREAM_CHOICES,     NO_PLACE, 1, { 127 } },
  { ONWARD_STREAM_CHOICES,     EARLY,    0, { 0 } },
  { ONWARD_STREAM_JUMPS,       OUTSIDE,  1, { 1 } },
  { ONWARD_STREAM_JUMPS,       OUTSIDE,  1, { 2 * BIT_31 } },
  { ONWARD_STREAM_JUMPS,       OUTSIDE,  1, { 2 * BIT_32 } },
  { ONWARD_STREAM_JUMPS,       OUTSIDE,  1, { 2 * BIT_32 - 1 } },
  { ONWARD_STREAM_JUMPS,       OUTSIDE,  1, { G_MAXUINT64 - 1 } },
  { ONWARD_STREAM_JUMPS,       OUTSIDE,  1, { G_MAXUINT64 } },
  { ONWARD_STREAM_JUMPS,       EARLY,    0, { 0 } },
  { ONWARD_STREAM_LITERALS,    MORE,     1, { 1 } },
  { ONWARD_STREAM_SPACINGS,    EARLY,    1, { 0 } },
  { ONWARD_STREAM_SPACINGS,    MORE,     1, { NEW_SIZE } },
  { ONWARD_STREAM_SPACINGS,    MORE,     1, { BIT_31 } },
  { ONWARD_STREAM_SPACINGS,    MORE,     1, { BIT_32 } },
  { ONWARD_STREAM_SPACINGS,    MORE,     1, { BIT_63 } },
  { ONWARD_STREAM_SPACINGS,    TOO_FAR,  1, { G_MAXUINT64 } },
  { ONWARD_STREAM_DIFFERENCES, MORE,     1, { 1 } },
  { ONWARD_STREAM_RUNS,        MORE,     1, { 0 } },
  { ONWARD_STREAM_RUNS,        MORE,     1, { BIT_31 } },
  { ONWARD_STREAM_RUNS,        MORE,     1, { BIT_63 } },
  { ONWARD_STREAM_RUNS,        TOO_FAR,  1, { G_MAXUINT64 } },
  { ONWARD_STREAM_GUESSES,     MORE,     1, { 3 } },
  { ONWARD_STREAM_MISSES,      MORE,     1, { BIT_31 } },
  { ONWARD_STREAM_WIDE_MISSES, MORE,     1, { BIT_63 } },
  { ONWARD_STREAM_FILES,       EARLY,    1, { 0 } },
  { ONWARD_STREAM_FILES,       EARLY,    2, { 0, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { NEW_SIZE + 1, 0, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { BIT_32, 0, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { G_MAXUINT64, 0, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { 0, 2 * 2, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { 0, 1, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { 0, 2 * BIT_31, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { 0, 2 * BIT_32, 0 } },
  { ONWARD_STREAM_FILES,       NO_FILE,  3, { 0, G_MAXUINT64, 0 } },
  { ONWARD_STREAM_FILES,       TOO_BIG,  3, { 0, 0, 0 } },
  { ONWARD_STREAM_FILES,       TOO_BIG,  3, { 0, 0, 2 * BIT_31 } },
  { ONWARD_STREAM_FILES,       TOO_BIG,  3, { 0, 0, 2 * BIT_32 } },
  { ONWARD_STREAM_FILES,       TOO_BIG,  3, { 0, 0, 2 * OLD_SIZE + 1 } },
  { ONWARD_STREAM_FILES,       TOO_BIG,  3, { 0, 0, G_MAXUINT64 } },
  { ONWARD_STREAM_FILES,       OF_NONE,  3, { 0, 0, 2 * (OLD_SIZE - NEW_SIZE) - 1 } },
};
/* clang-format on */

static void
assert_refused_each_way (GPtrArray *old_contents, OnwardTestDraft *draft, const char *why)
{
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GBytes) delta = NULL;

      draft->header.version = ways[i].version;
      draft->header.is_deflated = ways[i].is_deflated;
      delta = onward_test_draft_finish (draft);
      assert_refused (old_contents, delta, ONWARD_ERROR_MALFORMED, why);
    }
}

/* Every stream with numbers that cannot be is refused, in every version, and the error says what is
 * wrong. */
static void
test_streams (void)
{
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      const Damage *damage = &damages[i];
      g_autoptr (OnwardTestDraft) draft = make_good (old_contents);

      g_byte_array_set_size (draft->streams[damage->kind], 0);
      for (guint j = 0; j < damage->n; j++)
        onward_test_draft_say (draft, damage->kind, damage->numbers[j]);
      g_test_message ("damage %u, of stream %d", i, damage->kind);
      assert_refused_each_way (old_contents, draft, damage->why);
    }
}

/* Numbers of more than 64 bits are none, in every stream of numbers that is read. */
static void
test_long_numbers (void)
{
  const OnwardDeltaStreamKind kinds[] = { ONWARD_STREAM_GAPS,     ONWARD_STREAM_LENGTHS,
                                          ONWARD_STREAM_JUMPS,    ONWARD_STREAM_FILES,
                                          ONWARD_STREAM_SPACINGS, ONWARD_STREAM_RUNS };
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OnwardTestDraft) draft = make_good (old_contents);

      g_byte_array_set_size (draft->streams[kinds[i]], 10);
      memset (draft->streams[kinds[i]]->data, 0xff, 9);
      draft->streams[kinds[i]]->data[9] = 2;
      assert_refused_each_way (old_contents, draft, "a number that is too large");
    }
}

/* The same old executable cannot be taken apart again and again, nor be one in fragments. */
static void
test_endless (void)
{
  g_autoptr (GPtrArray) old_contents = make_old ();
  gint64 elf_size = (gint64) g_bytes_get_size (g_ptr_array_index (old_contents, 1));
  g_autoptr (OnwardTestDraft) often = make_good (old_contents);
  g_autoptr (OnwardTestDraft) crumbs = onward_test_draft_new (measure (old_contents), NEW_SIZE);
  g_autoptr (OnwardTestDraft) across = onward_test_draft_new (measure (old_contents), NEW_SIZE);
  g_autoptr (GBytes) often_delta = NULL;
  g_autoptr (GBytes) crumbs_delta = NULL;
  g_autoptr (GBytes) across_delta = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      onward_test_draft_say_file (often, 0, i == 0 ? 1 : -1, -elf_size);
    }
  often_delta = onward_test_draft_finish (often);
  assert_refused (old_contents, often_delta, ONWARD_ERROR_MALFORMED, "too often");

  onward_test_draft_say_file (crumbs, 0, 1, NEW_SIZE - elf_size);
  for (guint i = 0; i < 20; i++)
    onward_test_draft_say_cover (crumbs, 0, 5, 0);
  crumbs_delta = onward_test_draft_finish (crumbs);
  assert_refused (old_contents, crumbs_delta, ONWARD_ERROR_MALFORMED, "too many covers");

  onward_test_draft_say_file (across, 0, 1, NEW_SIZE / 2 - elf_size);
  onward_test_draft_say_cover (across, 0, NEW_SIZE, 0);
  across_delta = onward_test_draft_finish (across);
  assert_refused (old_contents, across_delta, ONWARD_ERROR_MALFORMED, "over the end of a file");
}

/* A line of the table of streams: the first stream's, which the others, being empty, follow. */
typedef struct
{
  const char *why;
  guint64 size;
  guint64 method;
  guint64 stored_size;
  const char *content;
} Line;

/* clang-format off */
static const Line lines[] = {
  { "is too long",    BIT_63,      ONWARD_STREAM_LZMA2,     10,          "" },
  { "is too long",    G_MAXUINT64, ONWARD_STREAM_STORED,    10,          "" },
  { "unknown way",    BIT_32,      ONWARD_STREAM_LZMA2_OLD + 1, 10,      "" },
  { "unknown way",    BIT_32,      BIT_32,                  10,          "" },
  { "unknown way",    BIT_32,      G_MAXUINT64,             10,          "" },
  { "cut off",        BIT_32,      ONWARD_STREAM_STORED,    BIT_32,      "" },
  { "cut off",        BIT_32,      ONWARD_STREAM_LZMA2,     BIT_31,      "" },
  { "cut off",        BIT_32,      ONWARD_STREAM_ZSTD,      BIT_63,      "" },
  { "cut off",        BIT_32,      ONWARD_STREAM_ZSTD,      G_MAXUINT64, "" },
  { "another size",   BIT_32,      ONWARD_STREAM_STORED,    7,           "garbage" },
  { "is no LZMA2",    BIT_32,      ONWARD_STREAM_LZMA2,     7,           "garbage" },
  { "is no LZMA2",    BIT_32,      ONWARD_STREAM_LZMA2_OLD, 7,           "garbage" },
  { "is no zstd",     BIT_32,      ONWARD_STREAM_ZSTD,      7,           "garbage" },
  { "is no zstd",     BIT_32,      ONWARD_STREAM_ZSTD,      8,  "\x28\xb5\x2f\xfd\x00\x98\x01\x08" },
  { "is cut off",     BIT_32,      ONWARD_STREAM_ZSTD,      4,           "\x28\xb5\x2f\xfd" },
  { "is cut off",     BIT_32,      ONWARD_STREAM_LZMA2,     0,           "" },
};
/* clang-format on */

static GBytes *
make_table (const Line *line, guint64 old_size)
{
  const OnwardDeltaHeader header = { ONWARD_DELTA_TOGETHER, old_size, NEW_SIZE, FALSE };
  GByteArray *delta = g_byte_array_new ();

  onward_delta_header_append (&header, delta);
  onward_number_append (delta, 1u << ONWARD_STREAM_FILES);
  onward_number_append (delta, line->size);
  onward_number_append (delta, line->method);
  onward_number_append (delta, line->stored_size);
  if (line->content[0] != '\0')
    g_byte_array_append (delta, (const guint8 *) line->content, (guint) line->stored_size);
  return g_byte_array_free_to_bytes (delta);
}

/* Streams that cannot be what the table says are refused, however much they promise. */
static void
test_tables (void)
{
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GBytes) delta = make_table (&lines[i], measure (old_contents));

      g_test_message ("line %u", i);
      assert_refused (old_contents, delta, ONWARD_ERROR_MALFORMED, lines[i].why);
    }
}

/* Streams of a kind that is none are refused, and so is a flag that is none. */
static void
test_flags (void)
{
  const guint64 numbers[] = { ONWARD_ALL_STREAMS + 1, BIT_31, BIT_32, BIT_63, G_MAXUINT64 };
  g_autoptr (GPtrArray) old_contents = make_old ();

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      const OnwardDeltaHeader header = { ONWARD_DELTA_TOGETHER, measure (old_contents), NEW_SIZE,
                                         FALSE };
      g_autoptr (GByteArray) kinds = g_byte_array_new ();
      g_autoptr (GByteArray) flag = g_byte_array_new ();
      g_autoptr (GBytes) kinds_delta = NULL;
      g_autoptr (GBytes) flag_delta = NULL;

      onward_delta_header_append (&header, kinds);
      onward_number_append (kinds, numbers[i]);
      kinds_delta = g_byte_array_free_to_bytes (g_steal_pointer (&kinds));
      assert_refused (old_contents, kinds_delta, ONWARD_ERROR_MALFORMED, "unknown kind");

      onward_delta_header_append (&header, flag);
      g_byte_array_set_size (flag, flag->len - 1);
      onward_number_append (flag, numbers[i]);
      flag_delta = g_byte_array_free_to_bytes (g_steal_pointer (&flag));
      assert_refused (old_contents, flag_delta, ONWARD_ERROR_MALFORMED, "does not say");
    }
}

/* Nothing of all this takes more memory than a good delta might. */
static void
test_memory (void)
{
#ifdef ONWARD_TEST_SANITIZED
  g_test_skip ("The sanitizers reserve more memory than is allowed here");
#else
  const struct rlimit limit = { MAX_MEMORY, MAX_MEMORY };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }

  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
  test_sizes ();
  test_streams ();
  test_endless ();
  test_tables ();
#endif
}

/* Old bytes of more than 4 GiB, of which few are there really: the same ones, again and again. */
#define LARGE_PART ((gsize) 32 * 1024 * 1024)
#define N_LARGE    130

static GPtrArray *
make_large (void)
{
  GPtrArray *contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (LARGE_PART), LARGE_PART);

  for (guint i = 0; i < N_LARGE; i++)
    g_ptr_array_add (contents, g_bytes_ref (zeros));
  g_ptr_array_add (contents, g_bytes_new_static ("here it is", 10));
  return contents;
}

/* Counts, and keeps the last bytes that came. */
typedef struct
{
  guint64 size;
  guint8 tail[10];
} Tail;

static gboolean
keep_tail (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  Tail *tail = user_data;

  tail->size += size;
  if (size >= sizeof tail->tail)
    memcpy (tail->tail, (const guint8 *) data + size - sizeof tail->tail, sizeof tail->tail);
  return TRUE;
}

/* What lies beyond 4 GiB is found there, counted forwards and backwards. */
static void
test_far_source (void)
{
  g_autoptr (GPtrArray) old_contents = make_large ();
  guint64 far = (guint64) LARGE_PART * N_LARGE;
  g_autoptr (OnwardTestDraft) draft = onward_test_draft_new (far + 10, 16);
  g_autoptr (GBytes) delta = NULL;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autoptr (GError) error = NULL;

  onward_test_draft_say_cover (draft, 0, 4, (gint64) far);
  onward_test_draft_say_cover (draft, 0, 2, -(gint64) (far + 4));
  onward_test_draft_say_cover (draft, 0, 10, (gint64) far - 2);
  delta = onward_test_draft_finish (draft);
  rebuilt = onward_test_delta_apply (old_contents, delta, 16, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (rebuilt, NULL), 16, "here\0\0here it is", 16);
}

/* More than 4 GiB are rebuilt with all that comes at their end. */
static void
test_far_target (void)
{
  g_autoptr (GPtrArray) old_contents = make_large ();
  guint64 far = (guint64) LARGE_PART * N_LARGE;
  g_autoptr (OnwardTestDraft) draft = onward_test_draft_new (far + 10, far + 10);
  g_autoptr (GBytes) delta = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 difference = 'H' - 'h';
  Tail tail = { 0 };

  onward_test_draft_say_cover (draft, 0, far + 10, 0);
  onward_test_draft_say (draft, ONWARD_STREAM_SPACINGS, far);
  g_byte_array_append (draft->streams[ONWARD_STREAM_DIFFERENCES], &difference, 1);
  delta = onward_test_draft_finish (draft);
  g_assert_true (
      onward_delta_apply (old_contents, delta, far + 10, keep_tail, &tail, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (tail.size, ==, far + 10);
  g_assert_cmpmem (tail.tail, 10, "Here it is", 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/hostile/good", test_good);
  g_test_add_func ("/hostile/versions", test_versions);
  g_test_add_func ("/hostile/sizes", test_sizes);
  g_test_add_func ("/hostile/streams", test_streams);
  g_test_add_func ("/hostile/long-numbers", test_long_numbers);
  g_test_add_func ("/hostile/endless", test_endless);
  g_test_add_func ("/hostile/tables", test_tables);
  g_test_add_func ("/hostile/flags", test_flags);
  g_test_add_func ("/hostile/memory", test_memory);
  g_test_add_func ("/hostile/far-source", test_far_source);
  g_test_add_func ("/hostile/far-target", test_far_target);
  return g_test_run ();
}
