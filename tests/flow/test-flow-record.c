/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "flow-fixture.h"
#include "onward-journal-contents.h"

#define SIZE    (5 * 512 * 1024)
#define ENOUGH  (1200 * 1024)
#define HOSTILE 256
/* The parser judges every record; to begin with one takes long. */
#define SAMPLE 4

/* An update that was paused half way, and what is recorded of it. */
typedef struct
{
  FlowFixture site;
  char *record;
} Paused;

static void
paused_clear (Paused *self)
{
  flow_fixture_clear (&self->site);
  g_free (self->record);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Paused, paused_clear)

static void
begin (Paused *self)
{
  FlowFixture *site = &self->site;
  g_autoptr (GError) error = NULL;

  flow_fixture_init (site, SIZE);
  onward_server_set_rate (site->site->server, 16000000);
  g_assert_true (flow_fixture_check (site, ONWARD_CHECK_MANUAL, &error));
  g_assert_true (onward_flow_start (site->flow, &error));
  flow_fixture_wait_for_bytes (site, ENOUGH);
  g_assert_true (onward_flow_pause (site->flow, &error));
  flow_fixture_settle (site);
  flow_fixture_close (&site->flow);
  onward_server_set_rate (site->site->server, 0);
  self->record = onward_test_read (site->install, "var/state.ini");
}

static void
write_record (Paused *self, const char *text, gsize size)
{
  g_autofree char *path = g_build_filename (self->site.install, "var/state.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, (gssize) size, &error);
  g_assert_no_error (error);
}

/* A process that finds such a record begins, with nothing under way. */
static void
assert_begins (Paused *self, const char *text, gsize size)
{
  write_record (self, text, size);
  flow_fixture_open (&self->site);
  g_assert_false (flow_fixture_is_working (&self->site));
  g_assert_cmpstr (onward_flow_get_version (self->site.flow), ==, "1.0.0");
  flow_fixture_close (&self->site.flow);
}

/* Cut off anywhere, the record is taken as far as it makes sense, which is not at all. */
static void
test_record_truncated (void)
{
  g_auto (Paused) paused = { 0 };
  gsize size;

  begin (&paused);
  size = strlen (paused.record);
  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (OnwardJournalContents) contents =
          onward_journal_contents_parse (paused.record, length);

      g_assert_null (contents);
      if (length % (8 * SAMPLE) == 0)
        assert_begins (&paused, paused.record, length);
    }
}

static char *
mutate (const char *text, GRand *rand, gsize *ret_size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
  for (gint count = g_rand_int_range (rand, 1, 8); count > 0; count--)
    {
      guint at = (guint) g_rand_int_range (rand, 0, (gint32) bytes->len);
      guint8 byte = (guint8) g_rand_int_range (rand, 0, 256);

      if (g_rand_boolean (rand))
        bytes->data[at] = byte;
      else
        bytes->data[at] = (guint8) ("0123456789-,=\n[]"[byte % 16]);
    }
  *ret_size = bytes->len;
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

/* Changed at random, as it is and under a right checksum, it stops nobody from beginning. */
static void
test_record_random (void)
{
  g_auto (Paused) paused = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  begin (&paused);
  for (guint i = 0; i < HOSTILE; i++)
    {
      gsize size = 0;
      g_autofree char *text = mutate (paused.record, rand, &size);
      g_autofree char *whole = g_strconcat ("[Onward]\n", text, NULL);
      g_autofree char *sealed = onward_journal_contents_seal (whole);
      g_autoptr (OnwardJournalContents) contents = onward_journal_contents_parse (text, size);
      g_autoptr (OnwardJournalContents) believed =
          onward_journal_contents_parse (sealed, strlen (sealed));

      g_test_message ("%u", i);
      if (contents != NULL)
        g_assert_cmpstr (text, ==, paused.record);
      if (believed == NULL || i % SAMPLE == 0)
        assert_begins (&paused, sealed, strlen (sealed));
    }
}

static char *
replace_ranges (const char *record, const char *value)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("^Received=.*$", G_REGEX_MULTILINE, G_REGEX_MATCH_DEFAULT, NULL);
  g_autofree char *line = g_strdup_printf ("Received=%s", value);
  g_autofree char *text = g_regex_replace_literal (regex, record, -1, 0, line, 0, NULL);

  g_assert_cmpstr (text, !=, record);
  return onward_journal_contents_seal (text);
}

/* What a record may say, and what it may cost: the bytes of the pack that are fetched again. */
typedef struct
{
  const char *name;
  const char *whole;  /* (nullable): the record itself */
  const char *ranges; /* (nullable): or the ranges in it */
} Record;

static const Record records[] = {
  { "empty", "", NULL },
  { "noise", "\x7f\x45\x4c\x46\xff\xfe", NULL },
  { "of-another-program", "[Desktop Entry]\nName=Onward\nType=Application\n", NULL },
  { "all-is-there", NULL, "0-99999999" },
  { "more-than-all", NULL, "0-18446744073709551615" },
  { "overflowing", NULL, "0-99999999999999999999999" },
  { "backwards", NULL, "2000000-1000000,900000-800000" },
  { "nothing", NULL, "" },
  { "the-end-only", NULL, "2000000-2600000" },
};

static guint64
get_pack_size (Paused *self)
{
  g_autofree char *folder = g_build_filename (self->site.site->dir, "repo/packs", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 most = 0;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);

      most = MAX (most, g_mapped_file_get_length (file));
    }
  return most;
}

/* A record that lies costs at most fetching again. */
static void
test_record_lies (gconstpointer data)
{
  const Record *record = data;
  g_auto (Paused) paused = { 0 };
  g_autofree char *text = NULL;
  guint64 before;

  begin (&paused);
  text = record->whole != NULL ? g_strdup (record->whole)
                               : replace_ranges (paused.record, record->ranges);
  write_record (&paused, text, strlen (text));
  flow_fixture_wait_for_quiet (&paused.site);
  before = paused.site.site->n_bytes;
  flow_fixture_open (&paused.site);
  flow_fixture_finish (&paused.site, "1.1.0");
  flow_fixture_wait_for_quiet (&paused.site);
  g_assert_cmpuint (paused.site.site->n_bytes - before, <=, get_pack_size (&paused) + 100000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("ONWARD_TEST_BACKOFF_MS", "5", TRUE);
  g_test_add_func ("/record/truncated", test_record_truncated);
  g_test_add_func ("/record/random", test_record_random);
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autofree char *path = g_strdup_printf ("/record/lies/%s", records[i].name);

      g_test_add_data_func (path, &records[i], test_record_lies);
    }
  return g_test_run ();
}
