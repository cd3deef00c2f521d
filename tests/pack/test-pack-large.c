/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-pack-fixture.h"
#include "onward-pack-head-private.h"
#include "onward-pack-need.h"

#define GIB     (G_GUINT64_CONSTANT (1) << 30)
#define CONTENT "behind all of them"

static OnwardTreeEntry
make_file (const char *path, const OnwardDigest *digest, guint64 size, guint32 frame)
{
  OnwardTreeEntry entry = { .path = path,
                            .kind = ONWARD_ENTRY_FILE,
                            .mode = 0644,
                            .size = size,
                            .digest = *digest,
                            .link_target = "",
                            .component = "",
                            .frame = frame };

  return entry;
}

/* The head of a pack with a frame of @size, and a small one behind it. */
static GBytes *
make_head (guint64 size, OnwardTree **ret_tree)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (OnwardTreeEntry));
  g_autoptr (GArray) frames = g_array_new (FALSE, TRUE, sizeof (OnwardFrame));
  const OnwardFrame stored[] = { { ONWARD_FRAME_STORED, 0, size, size, NULL },
                                 { ONWARD_FRAME_STORED, 0, strlen (CONTENT), strlen (CONTENT),
                                   NULL } };
  g_autoptr (GError) error = NULL;
  OnwardDigest digests[2];
  OnwardTreeEntry files[2];
  GBytes *head;

  memset (&digests[0], 1, sizeof digests[0]);
  onward_digest_of_data (CONTENT, strlen (CONTENT), &digests[1]);
  files[0] = make_file ("huge", &digests[0], size, 0);
  files[1] = make_file ("small", &digests[1], strlen (CONTENT), 1);
  g_array_append_vals (entries, files, 2);
  g_array_append_vals (frames, stored, 2);
  *ret_tree = onward_tree_new (entries, &error);
  g_assert_no_error (error);
  head = onward_pack_head_serialize (NULL, *ret_tree, frames, NULL, &error);
  g_assert_no_error (error);
  return head;
}

static gboolean
append (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_string_append_len (user_data, data, (gssize) size);
  return TRUE;
}

/* The file behind the huge one comes out of a sparse pack, of which only its end is there. */
static void
read_small (OnwardPackFixture *fixture, GBytes *bytes, OnwardPackHead *head, guint64 end)
{
  g_autofree char *path = g_build_filename (fixture->packs, "large", NULL);
  g_autoptr (OnwardPackReader) reader = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gsize size = g_bytes_get_size (bytes);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, g_bytes_get_data (bytes, NULL), size, 0), ==, (gssize) size);
  g_assert_cmpint (pwrite (fd, CONTENT, strlen (CONTENT), (off_t) (end - strlen (CONTENT))), ==,
                   (gssize) strlen (CONTENT));
  reader = onward_pack_reader_new (fd, head);
  onward_pack_reader_read_frame (reader, 1, append, text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, CONTENT);
}

/* Behind 2 and 4 GiB, and behind much more, everything is where it should be: the frame, the bytes
 * to fetch, and what comes out. */
static void
test_offsets (void)
{
  const guint64 sizes[] = { 2 * GIB - 1, 2 * GIB, 4 * GIB - 1, 4 * GIB, 5 * GIB + 7, 40 * GIB };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (OnwardPackFixture) fixture = onward_pack_fixture_new ();
      g_autoptr (OnwardTree) tree = NULL;
      g_autoptr (GBytes) bytes = make_head (sizes[i], &tree);
      guint64 end = g_bytes_get_size (bytes) + sizes[i] + strlen (CONTENT);
      g_autoptr (GHashTable) here = onward_pack_need_new_set ();
      g_autoptr (GHashTable) wanted = onward_pack_need_new_set ();
      g_autoptr (GHashTable) made = NULL;
      g_autoptr (OnwardRanges) ranges = onward_ranges_new ();
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      head = onward_pack_head_parse (bytes, end, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->offset, ==, end - strlen (CONTENT));

      g_hash_table_add (wanted, (gpointer) &onward_tree_lookup (tree, "small")->digest);
      made = onward_pack_need_take (head, here, wanted, FALSE, ranges);
      g_assert_cmpuint (onward_ranges_get_count (ranges), ==, 1);
      g_assert_cmpuint (onward_ranges_get (ranges, 0)->start, ==, end - strlen (CONTENT));
      g_assert_cmpuint (onward_ranges_get (ranges, 0)->end, ==, end);
      read_small (fixture, bytes, head, end);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-large/offsets", test_offsets);
  return g_test_run ();
}
