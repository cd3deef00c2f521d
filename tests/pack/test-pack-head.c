/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-pack-envelope.h"
#include "onward-pack-head.h"
#include "head-lies.h"

static OnwardPackHead *
parse (const HeadParts *parts, GError **error)
{
  g_autoptr (GBytes) head = head_lies_serialize (parts);

  return onward_pack_head_parse (head, head_lies_pack_size (parts, head), NULL, error);
}

/* Every single thing that can be wrong with a head is found. */
static void
test_lies (void)
{
  guint n_lies;
  const HeadLie *lies = head_lies_get (&n_lies);

  for (guint i = 0; i < n_lies; i++)
    {
      HeadParts parts = head_lies_make_parts (lies[i].kind);
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", lies[i].name);
      head_lies_apply (&parts, &lies[i]);
      head = parse (&parts, &error);
      g_assert_error (error, ONWARD_ERROR, (int) lies[i].code);
      g_assert_null (head);
    }
}

/* A full pack's head says where each file is; equal files share a place. */
static void
test_full (void)
{
  HeadParts parts = head_lies_make_parts (ONWARD_PACK_FULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackHead) head = parse (&parts, &error);
  const guint64 offsets[] = { 0, 0, 60, 0 };
  OnwardTree *tree;

  g_assert_no_error (error);
  g_assert_cmpint (onward_pack_head_get_kind (head), ==, ONWARD_PACK_FULL);
  g_assert_cmpuint (onward_pack_head_get_n_frames (head), ==, 2);
  g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->offset, ==,
                    onward_pack_head_get_frame (head, 0)->offset + 10);
  tree = onward_pack_head_get_tree (head);
  for (guint i = 0; i < 4; i++)
    {
      guint64 offset;
      guint frame;

      g_assert_true (
          onward_pack_head_locate (head, onward_tree_get_entry (tree, i), &frame, &offset));
      g_assert_cmpuint (frame, ==, MIN (i, 1));
      g_assert_cmpuint (offset, ==, offsets[i]);
    }
}

/* A delta pack's head says where content is, and that unchanged content is not there. */
static void
test_delta (void)
{
  HeadParts parts = head_lies_make_parts (ONWARD_PACK_DELTA);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardPackHead) head = parse (&parts, &error);
  OnwardTree *tree;
  guint64 offset;
  guint frame;

  g_assert_no_error (error);
  g_assert_cmpint (onward_pack_head_get_kind (head), ==, ONWARD_PACK_DELTA);
  g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->references->len, ==, 1);
  g_assert_cmpuint (
      g_array_index (onward_pack_head_get_frame (head, 1)->references, OnwardReference, 0).size, ==,
      55);
  tree = onward_pack_head_get_tree (head);
  g_assert_true (onward_pack_head_locate (head, onward_tree_lookup (tree, "a"), &frame, &offset));
  g_assert_cmpuint (frame, ==, 0);
  g_assert_true (onward_pack_head_locate (head, onward_tree_lookup (tree, "d"), &frame, &offset));
  g_assert_cmpuint (frame, ==, 1);
  g_assert_false (onward_pack_head_locate (head, onward_tree_lookup (tree, "c"), &frame, &offset));
}

/* Every single damaged bit of a head gives an error or a head, never a crash. */
static void
test_damaged (void)
{
  HeadParts parts = head_lies_make_parts (ONWARD_PACK_DELTA);
  g_autoptr (GBytes) bytes = head_lies_serialize (&parts);
  gsize size = g_bytes_get_size (bytes);

  for (gsize bit = 0; bit < size * 8; bit++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GBytes) damaged = g_bytes_new_take (data, size);
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      data[bit / 8] ^= (guint8) (1u << (bit % 8));
      head = onward_pack_head_parse (damaged, size + 30, NULL, &error);
      g_assert_true ((head == NULL) == (error != NULL));
      g_assert_true (head == NULL || bit / 8 >= ONWARD_PACK_ENVELOPE_PREFIX);
    }
}

/* A head cut anywhere, or longer than it says, is malformed. */
static void
test_sizes (void)
{
  HeadParts parts = head_lies_make_parts (ONWARD_PACK_FULL);
  g_autoptr (GBytes) bytes = head_lies_serialize (&parts);
  gsize size = g_bytes_get_size (bytes);
  guint8 *longer = g_malloc0 (size + 1);
  g_autoptr (GBytes) followed = g_bytes_new_take (longer, size + 1);
  g_autoptr (GError) error = NULL;

  memcpy (longer, g_bytes_get_data (bytes, NULL), size);
  g_assert_null (onward_pack_head_parse (followed, size + 61, NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, length);

      g_clear_error (&error);
      g_assert_null (onward_pack_head_parse (cut, size + 60, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

/* What is not a pack is malformed; a later pack, or a later way to compress it, is unsupported. */
static void
test_prefix (void)
{
  const struct
  {
    gsize position;
    guint8 value;
    OnwardError code;
  } cases[] = {
    { 0, 'o', ONWARD_ERROR_MALFORMED },
    { 7, 'X', ONWARD_ERROR_MALFORMED },
    { 8, 0, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 8, 2, ONWARD_ERROR_NOT_FOUND },
    { 8, 3, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 11, 1, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 12, ONWARD_FRAME_DELTA, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 12, 200, ONWARD_ERROR_UNSUPPORTED_FORMAT },
    { 12, ONWARD_FRAME_ZSTD, ONWARD_ERROR_MALFORMED },
    { 12, ONWARD_FRAME_STORED, ONWARD_ERROR_MALFORMED },
    { 19, 4, ONWARD_ERROR_MALFORMED },
    { 19, 255, ONWARD_ERROR_MALFORMED },
    { 23, 255, ONWARD_ERROR_MALFORMED },
  };
  HeadParts parts = head_lies_make_parts (ONWARD_PACK_FULL);
  g_autoptr (GBytes) bytes = head_lies_serialize (&parts);
  gsize size = g_bytes_get_size (bytes);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GBytes) other = g_bytes_new_take (data, size);
      g_autoptr (GError) error = NULL;

      data[cases[i].position] = cases[i].value;
      g_assert_null (onward_pack_head_parse (other, size + 60, NULL, &error));
      g_assert_error (error, ONWARD_ERROR, (int) cases[i].code);
    }
}

/* A head that says the right thing in other than the one right form is malformed. */
static void
test_normal_form (void)
{
  const guint8 junk[] = { 0, 1, 2, 3, 255, 255, 255, 255, 8, 8, 8 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (junk, sizeof junk);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) head = onward_pack_envelope_wrap (
      g_variant_new_from_bytes (G_VARIANT_TYPE (ONWARD_PACK_ENVELOPE_TYPE), bytes, FALSE), &error);

  g_assert_no_error (error);
  g_assert_null (onward_pack_head_parse (head, g_bytes_get_size (head), NULL, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
}

/* A frame may start from several contents; their sizes must be as many bytes as it says. */
static void
test_references (void)
{
  const struct
  {
    gsize length;
    guint64 first, second, total;
    gboolean is_right;
  } cases[] = {
    { 80, 5, 50, 55, TRUE },
    { 80, 0, 55, 55, TRUE },
    { 40, 55, 0, 55, TRUE },
    { 80, 5, 51, 55, FALSE },
    { 80, 5, 49, 55, FALSE },
    { 80, 56, G_MAXUINT64, 55, FALSE },
    { 80, G_MAXUINT64, 56, 55, FALSE },
    { 80, G_MAXUINT64 / 2, G_MAXUINT64 / 2, G_MAXUINT64 - 1, FALSE },
    { 79, 5, 50, 55, FALSE },
    { 41, 55, 0, 55, FALSE },
    { 32, 55, 0, 55, FALSE },
    { 0, 0, 0, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      HeadParts parts = head_lies_make_parts (ONWARD_PACK_DELTA);
      guint64 sizes[2] = { GUINT64_TO_LE (cases[i].first), GUINT64_TO_LE (cases[i].second) };
      g_autoptr (OnwardPackHead) head = NULL;
      g_autoptr (GError) error = NULL;

      parts.frames[1].method = ONWARD_FRAME_TREE_DELTA;
      parts.frames[1].reference_length = cases[i].length;
      parts.frames[1].reference_size = cases[i].total;
      memcpy (parts.references + 32, &sizes[0], 8);
      memcpy (parts.references + 72, &sizes[1], 8);
      head = parse (&parts, &error);
      g_assert_true ((head != NULL) == cases[i].is_right);
      if (head != NULL)
        g_assert_cmpuint (onward_pack_head_get_frame (head, 1)->references->len, ==,
                          cases[i].length / 40);
      else
        g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/pack-head/full", test_full);
  g_test_add_func ("/pack-head/delta", test_delta);
  g_test_add_func ("/pack-head/references", test_references);
  g_test_add_func ("/pack-head/lies", test_lies);
  g_test_add_func ("/pack-head/damaged", test_damaged);
  g_test_add_func ("/pack-head/sizes", test_sizes);
  g_test_add_func ("/pack-head/prefix", test_prefix);
  g_test_add_func ("/pack-head/normal-form", test_normal_form);
  return g_test_run ();
}
