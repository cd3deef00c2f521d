/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-repository-private.h"

/* What stands at @path already is what is to be there, or nothing: nobody may be given two
 * different documents of one name. */
static gboolean
check_free (OnwardRepository *self, const char *path, gboolean *ret_exists, GError **error)
{
  GBytes *bytes = g_hash_table_lookup (self->pending, path);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) present =
      onward_file_read (self->dirfd, path, g_bytes_get_size (bytes), &local_error);

  *ret_exists = present != NULL;
  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
      (present != NULL && g_bytes_equal (present, bytes)))
    return TRUE;

  if (local_error != NULL && !g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
               "Writing “%s”: there is another document of that name", path);
  return FALSE;
}

static gboolean
write_document (OnwardRepository *self, const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  GBytes *bytes = g_hash_table_lookup (self->pending, path);

  return (g_str_equal (parent, ".") || onward_repository_make_folder (self, parent, error)) &&
         onward_file_write (self->dirfd, path, bytes, 0644, error);
}

/* All but the timestamp; @written receives what was not there before. */
static gboolean
write_documents (OnwardRepository *self, GPtrArray *written, GError **error)
{
  for (guint i = 0; i < self->order->len; i++)
    {
      const char *path = g_ptr_array_index (self->order, i);
      gboolean exists;

      if (g_str_equal (path, ONWARD_REPOSITORY_TIMESTAMP))
        continue;
      if (g_str_equal (path, ONWARD_REPOSITORY_SETTINGS))
        exists = FALSE;
      else if (!check_free (self, path, &exists, error))
        return FALSE;
      if (exists)
        continue;

      g_ptr_array_add (written, (gpointer) path);
      if (!write_document (self, path, error))
        return FALSE;
    }

  return TRUE;
}

/* Writing may fail when the new timestamp is there but not yet on the disk for sure. */
static gboolean
is_published (OnwardRepository *self)
{
  GBytes *bytes = g_hash_table_lookup (self->pending, ONWARD_REPOSITORY_TIMESTAMP);
  g_autoptr (GBytes) present = onward_file_read (self->dirfd, ONWARD_REPOSITORY_TIMESTAMP,
                                                 ONWARD_REPOSITORY_MAX_METADATA, NULL);

  return present != NULL && g_bytes_equal (present, bytes);
}

/* The folders stay: they do no harm. */
static void
take_back (OnwardRepository *self, GPtrArray *written)
{
  for (guint i = 0; i < written->len; i++)
    (void) unlinkat (self->dirfd, g_ptr_array_index (written, i), 0);
}

/**
 * onward_repository_commit:
 * @self: a repository, for which a timestamp was collected, or documents that wait for one
 * @error: return location
 *
 * Verifies what was collected as a client does, then writes it in the order in which it was
 * collected, timestamp.json last: no client ever meets a part of it. On failure everything is as it
 * was before, and what was collected can be committed again. Without a timestamp nothing of it is
 * visible to clients yet: onward_repository_stage_merge() publishes it where the online keys are.
 *
 * Returns: whether it is published
 */
gboolean
onward_repository_commit (OnwardRepository *self, GError **error)
{
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (GPtrArray) written = g_ptr_array_new ();
  g_autoptr (GError) local_error = NULL;

  if (!g_hash_table_contains (self->pending, ONWARD_REPOSITORY_TIMESTAMP))
    {
      targets = onward_repository_verify_ahead (self, error);
      return targets != NULL && onward_repository_stage_write (self, error);
    }

  targets = onward_repository_verify (self, error);
  if (targets == NULL)
    return FALSE;

  if ((!write_documents (self, written, &local_error) ||
       !write_document (self, ONWARD_REPOSITORY_TIMESTAMP, &local_error)) &&
      !is_published (self))
    {
      take_back (self, written);
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                                  "Publishing in “%s”: ", self->folder);
      return FALSE;
    }

  onward_repository_stage_drop (self);
  g_hash_table_remove_all (self->pending);
  g_ptr_array_set_size (self->order, 0);
  return TRUE;
}
