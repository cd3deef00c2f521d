/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-delta.h"
#include "onward-error.h"
#include "onward-pack-change.h"
#include "onward-pack-envelope.h"
#include "onward-pack-head-private.h"

struct _OnwardPackHead
{
  gatomicrefcount ref_count;
  OnwardPackKind kind;
  OnwardTree *tree;  /* (owned) (not nullable) */
  GArray *frames;    /* (owned): of OnwardFrame, in the order of the file */
  GArray *locations; /* (owned): of OnwardPackLocation, sorted; empty in a full pack */
};

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading a pack's head: %s", why);
  return FALSE;
}

static gboolean
digest_from_variant (GVariant *variant, OnwardDigest *ret_digest)
{
  gsize size;
  const guint8 *data = g_variant_get_fixed_array (variant, &size, 1);

  if (size != sizeof ret_digest->bytes)
    return FALSE;

  memcpy (ret_digest->bytes, data, size);
  return TRUE;
}

/* A digest; or, of several contents, as often as there are any, a digest and a size. */
#define REFERENCE_SIZE (ONWARD_DIGEST_SIZE + 8)

static gboolean
is_delta (const OnwardFrame *frame)
{
  return frame->method == ONWARD_FRAME_DELTA || frame->method == ONWARD_FRAME_TREE_DELTA;
}

static gboolean
check_frame (const OnwardFrame *frame, OnwardPackKind kind, GError **error)
{
  if (frame->size == 0 || frame->stored_size == 0)
    return refuse (error, "A frame is empty");
  if (frame->method == ONWARD_FRAME_STORED ? frame->stored_size != frame->size
                                           : frame->stored_size >= frame->size)
    return refuse (error, "A frame is not smaller than its content");
  if (is_delta (frame) && (kind != ONWARD_PACK_DELTA || frame->size > ONWARD_DELTA_MAX_SIZE))
    return refuse (error, "A frame is a delta where none may be");
  return TRUE;
}

static void
clear_frame (gpointer data)
{
  OnwardFrame *frame = data;

  g_clear_pointer (&frame->references, g_array_unref);
}

static gboolean
check_references_length (const OnwardFrame *frame, gsize length)
{
  if (frame->method == ONWARD_FRAME_TREE_DELTA)
    return length > 0 && length % REFERENCE_SIZE == 0 &&
           length / REFERENCE_SIZE <= ONWARD_TREE_MAX_ENTRIES;
  return length == (is_delta (frame) ? ONWARD_DIGEST_SIZE : 0);
}

/* Sizes come from the list or, of a single content, from @total; each must be that of a file. */
static gboolean
parse_references (OnwardFrame *frame, GVariant *variant, guint64 total, GError **error)
{
  gsize length;
  const guint8 *data = g_variant_get_fixed_array (variant, &length, 1);
  gboolean is_list = frame->method == ONWARD_FRAME_TREE_DELTA;
  guint64 left = total;

  if (!check_references_length (frame, length) || total > ONWARD_TREE_MAX_SIZE)
    return refuse (error, "A frame's reference is wrong");

  if (is_delta (frame))
    frame->references = g_array_new (FALSE, TRUE, sizeof (OnwardReference));
  for (gsize at = 0; at < length; at += is_list ? REFERENCE_SIZE : ONWARD_DIGEST_SIZE)
    {
      OnwardReference reference = { .size = total };

      memcpy (reference.digest.bytes, data + at, ONWARD_DIGEST_SIZE);
      if (is_list)
        memcpy (&reference.size, data + at + ONWARD_DIGEST_SIZE, sizeof reference.size);
      if (is_list)
        reference.size = GUINT64_FROM_LE (reference.size);
      if (reference.size > left)
        {
          left = G_MAXUINT64;
          break;
        }
      left -= reference.size;
      g_array_append_val (frame->references, reference);
    }

  if (left > 0)
    clear_frame (frame);
  return left == 0 || refuse (error, "A frame's reference is wrong");
}

static gboolean
parse_frame (GVariant *child, OnwardPackKind kind, OnwardFrame *ret_frame, GError **error)
{
  g_autoptr (GVariant) reference = NULL;
  OnwardFrame frame = { 0 };
  guint64 reference_size;
  guint8 method;

  g_variant_get (child, "(ytt@ayt)", &method, &frame.stored_size, &frame.size, &reference,
                 &reference_size);
  if (method > ONWARD_FRAME_LAST)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                   "Reading a pack's head: A frame is compressed by method %u, unknown to this "
                   "program",
                   method);
      return FALSE;
    }

  frame.method = method;
  if (!check_frame (&frame, kind, error) ||
      !parse_references (&frame, reference, reference_size, error))
    return FALSE;

  *ret_frame = frame;
  return TRUE;
}

/* Frames follow one another from @start to the end of the pack, and content is in a pack at most
 * once: so together they are not larger than the tree. */
static gboolean
parse_frames (OnwardPackHead *self, GVariant *frames, guint64 start, guint64 end, GError **error)
{
  gsize n_frames = g_variant_n_children (frames);
  guint64 budget = onward_tree_get_size (self->tree);

  if (n_frames > ONWARD_TREE_MAX_ENTRIES)
    return refuse (error, "Too many frames");

  for (gsize i = 0; i < n_frames; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (frames, i);
      OnwardFrame frame;

      if (!parse_frame (child, self->kind, &frame, error))
        return FALSE;

      frame.offset = start;
      g_array_append_val (self->frames, frame);
      if (frame.size > budget)
        return refuse (error, "The frames hold more than the tree");
      if (start > end || frame.stored_size > end - start)
        return refuse (error, "A frame lies outside the pack");

      start += frame.stored_size;
      budget -= frame.size;
    }
  return start == end || refuse (error, "The frames do not fill the pack");
}

static gboolean
parse_locations (OnwardPackHead *self, GVariant *locations, GError **error)
{
  gsize n_locations = g_variant_n_children (locations);

  if (n_locations > (self->kind == ONWARD_PACK_DELTA ? ONWARD_TREE_MAX_ENTRIES : 0))
    return refuse (error, "Too many locations");

  for (gsize i = 0; i < n_locations; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (locations, i);
      g_autoptr (GVariant) digest = NULL;
      OnwardPackLocation location = { 0 };
      const OnwardPackLocation *previous =
          i > 0 ? &g_array_index (self->locations, OnwardPackLocation, i - 1) : NULL;

      g_variant_get (child, "(@ayut)", &digest, &location.frame, &location.offset);
      if (!digest_from_variant (digest, &location.digest))
        return refuse (error, "A location names no content");
      if (previous != NULL && onward_pack_location_compare (previous, &location) >= 0)
        return refuse (error, "The locations are not in order");

      g_array_append_val (self->locations, location);
    }
  return TRUE;
}

/* Where @entry's content is said to be; @seen marks the locations that are used. */
static gboolean
find_content (OnwardPackHead *self, const OnwardTreeEntry *entry, guint *ret_frame,
              guint64 *ret_offset, guint8 *seen)
{
  OnwardPackLocation key = { .digest = entry->digest };
  const OnwardPackLocation *location;
  guint index;

  if (entry->kind != ONWARD_ENTRY_FILE || entry->size == 0)
    return FALSE;

  if (self->kind == ONWARD_PACK_FULL)
    {
      *ret_frame = entry->frame;
      *ret_offset = entry->offset;
      return TRUE;
    }

  if (!g_array_binary_search (self->locations, &key, onward_pack_location_compare, &index))
    return FALSE;

  location = &g_array_index (self->locations, OnwardPackLocation, index);
  if (seen != NULL)
    seen[index] = 1;
  *ret_frame = location->frame;
  *ret_offset = location->offset;
  return TRUE;
}

static gboolean
check_content (OnwardPackHead *self, const OnwardTreeEntry *entry, guint frame_index,
               guint64 offset, GError **error)
{
  const OnwardFrame *frame;

  if (frame_index >= self->frames->len)
    return refuse (error, "A file is in no frame");

  frame = &g_array_index (self->frames, OnwardFrame, frame_index);
  if (offset > frame->size || entry->size > frame->size - offset)
    return refuse (error, "A file lies outside its frame");
  return TRUE;
}

/* Every file must lie inside its frame, and every location must be a file's. */
static gboolean
check_contents (OnwardPackHead *self, GError **error)
{
  g_autofree guint8 *seen = g_malloc0 (self->locations->len + 1);

  for (guint i = 0; i < onward_tree_get_n_entries (self->tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (self->tree, i);
      guint64 offset;
      guint frame;

      if (find_content (self, entry, &frame, &offset, seen) &&
          !check_content (self, entry, frame, offset, error))
        return FALSE;
    }

  if (memchr (seen, 0, self->locations->len) != NULL)
    return refuse (error, "A location is no file's");
  return TRUE;
}

static gboolean
parse_tree (OnwardPackHead *self, GVariant *variant, GError **error)
{
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);

  self->tree = onward_tree_parse (bytes, error);
  if (self->tree == NULL)
    g_prefix_error_literal (error, "Reading a pack's head: ");
  return self->tree != NULL;
}

/* What a head says, completed from @old_tree where it only says what changes. */
static GVariant *
unwrap (GBytes *bytes, OnwardTree *old_tree, GError **error)
{
  g_autoptr (GVariant) variant = onward_pack_envelope_unwrap (bytes, error);
  GVariant *whole;

  if (variant == NULL || !g_variant_is_of_type (variant, G_VARIANT_TYPE (ONWARD_PACK_CHANGE_TYPE)))
    return g_steal_pointer (&variant);
  if (old_tree == NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                           "Reading a pack's head: The tree that it starts from is not here");
      return NULL;
    }

  whole = onward_pack_change_expand (variant, onward_tree_get_whole (old_tree), error);
  if (whole == NULL)
    g_prefix_error_literal (error, "Reading a pack's head: ");
  return whole;
}

/**
 * onward_pack_head_parse:
 * @bytes: the first bytes of a pack, as many as its head has; hostile bytes do no harm
 * @pack_size: the size of the whole pack
 * @old_tree: (nullable): for a delta pack: the tree that it starts from
 * @error: return location for an error
 *
 * Reads a pack's head and checks all of it: sizes, limits, the tree's rules, that the frames fill
 * the pack without a gap and that every file lies inside its frame. A version or method that this
 * program does not know is %ONWARD_ERROR_UNSUPPORTED_FORMAT, a delta pack that cannot be read
 * without an old tree %ONWARD_ERROR_NOT_FOUND, whatever else is wrong %ONWARD_ERROR_MALFORMED.
 * Whether the tree is the right one is for the caller to say, by its digest.
 *
 * Returns: (transfer full): the head
 */
OnwardPackHead *
onward_pack_head_parse (GBytes *bytes, guint64 pack_size, OnwardTree *old_tree, GError **error)
{
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GVariant) tree = NULL;
  g_autoptr (GVariant) frames = NULL;
  g_autoptr (GVariant) locations = NULL;
  g_autoptr (OnwardPackHead) self = NULL;
  guint8 kind;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  variant = unwrap (bytes, old_tree, error);
  if (variant == NULL)
    return NULL;

  g_variant_get (variant, "(y@ay@a(yttayt)@a(ayut))", &kind, &tree, &frames, &locations);
  if (kind > ONWARD_PACK_DELTA)
    {
      (void) refuse (error, "Of an unknown kind");
      return NULL;
    }

  self = g_new0 (OnwardPackHead, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  self->frames = g_array_new (FALSE, FALSE, sizeof (OnwardFrame));
  g_array_set_clear_func (self->frames, clear_frame);
  self->locations = g_array_new (FALSE, FALSE, sizeof (OnwardPackLocation));
  if (!parse_tree (self, tree, error) ||
      !parse_frames (self, frames, g_bytes_get_size (bytes), pack_size, error) ||
      !parse_locations (self, locations, error) || !check_contents (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * onward_pack_head_leave_out:
 * @self: a head
 * @components: (array zero-terminated=1): names
 *
 * Returns: (transfer full): the same head, whose tree is without these components, by
 *   onward_tree_leave_out()
 */
OnwardPackHead *
onward_pack_head_leave_out (OnwardPackHead *self, const char *const *components)
{
  OnwardPackHead *part;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (components != NULL, NULL);

  part = g_new0 (OnwardPackHead, 1);
  g_atomic_ref_count_init (&part->ref_count);
  part->kind = self->kind;
  part->tree = onward_tree_leave_out (self->tree, components);
  part->frames = g_array_ref (self->frames);
  part->locations = g_array_ref (self->locations);
  return part;
}

/**
 * onward_pack_head_ref:
 * @self: a head
 *
 * Returns: (transfer full): @self
 */
OnwardPackHead *
onward_pack_head_ref (OnwardPackHead *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * onward_pack_head_unref:
 * @self: (transfer full): a head
 *
 * Gives up one reference.
 */
void
onward_pack_head_unref (OnwardPackHead *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->tree, onward_tree_unref);
  g_array_unref (self->frames);
  g_array_unref (self->locations);
  g_free (self);
}

/**
 * onward_pack_head_get_kind:
 * @self: a head
 *
 * Returns: full or delta
 */
OnwardPackKind
onward_pack_head_get_kind (OnwardPackHead *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_PACK_FULL);

  return self->kind;
}

/**
 * onward_pack_head_get_tree:
 * @self: a head
 *
 * Returns: (transfer none): the tree that the pack makes; its locations are those of the full pack
 */
OnwardTree *
onward_pack_head_get_tree (OnwardPackHead *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->tree;
}

/**
 * onward_pack_head_get_n_frames:
 * @self: a head
 *
 * Returns: the number of frames
 */
guint
onward_pack_head_get_n_frames (OnwardPackHead *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->frames->len;
}

/**
 * onward_pack_head_get_frame:
 * @self: a head
 * @index: less than the number of frames
 *
 * Returns: (transfer none): that frame
 */
const OnwardFrame *
onward_pack_head_get_frame (OnwardPackHead *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->frames->len, NULL);

  return &g_array_index (self->frames, OnwardFrame, index);
}

/**
 * onward_pack_head_locate:
 * @self: a head
 * @entry: an entry of the head's tree
 * @ret_frame: (out): the frame that makes its bytes
 * @ret_offset: (out): where they begin in that frame, uncompressed
 *
 * Finds a file's bytes in this pack. Directories, links and empty files need none; a delta pack
 * also leaves out what the old tree has.
 *
 * Returns: whether the pack carries them
 */
gboolean
onward_pack_head_locate (OnwardPackHead *self, const OnwardTreeEntry *entry, guint *ret_frame,
                         guint64 *ret_offset)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (entry != NULL, FALSE);

  return find_content (self, entry, ret_frame, ret_offset, NULL);
}
