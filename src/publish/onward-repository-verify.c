/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-file.h"
#include "onward-repository-private.h"
#include "onward-targets-ahead.h"
#include "onward-targets-private.h"
#include "onward-trust-session.h"

/* Of the timestamp and of the next root nobody has signed a length. */
static gboolean
has_signed_length (const OnwardTrustRequest *request)
{
  return !request->may_be_missing && !g_str_equal (request->path, "metadata/timestamp.json");
}

/* @last_root: the last root that is there for the session. */
static gboolean
answer (OnwardRepository *self, OnwardTrustSession *session, gint64 last_root, GError **error)
{
  const OnwardTrustRequest *request = onward_trust_session_get_request (session);
  g_autofree char *name = g_path_get_basename (request->path);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (request->may_be_missing && onward_repository_parse_version (name, "root") > last_root)
    return onward_trust_session_accept_missing (session, error);

  bytes = onward_repository_read (self, request->path, request->max_size, &local_error);
  if (bytes != NULL)
    return onward_trust_session_accept (session, bytes, error);

  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    return onward_trust_session_accept_missing (session, error);

  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    local_error->code =
        has_signed_length (request) ? ONWARD_ERROR_WRONG_LENGTH : ONWARD_ERROR_TOO_LARGE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static OnwardTargets *
run_session (OnwardRepository *self, const char *store_dir, GBytes *anchor, gint64 last_root,
             gint64 now, GError **error)
{
  g_autoptr (OnwardTrustStore) store = onward_trust_store_open (store_dir, anchor, error);
  g_autoptr (OnwardTrustSession) session = NULL;

  if (store == NULL)
    return NULL;

  session = onward_trust_session_new (store, now);
  while (onward_trust_session_get_request (session) != NULL)
    {
      if (!answer (self, session, last_root, error))
        return NULL;
    }
  return onward_targets_ref (onward_trust_session_get_targets (session));
}

/**
 * onward_repository_verify:
 * @self: a repository
 * @error: return location
 *
 * Runs the client's own verification over the repository as it is about to be, beginning with its
 * first root.
 *
 * Returns: (transfer full): the targets that a new client would trust
 */
OnwardTargets *
onward_repository_verify (OnwardRepository *self, GError **error)
{
  return onward_repository_verify_at (self, g_get_real_time () / G_USEC_PER_SEC, error);
}

static OnwardTargets *
verify_up_to (OnwardRepository *self, gint64 last_root, gint64 now, GError **error)
{
  g_autoptr (GBytes) anchor = onward_repository_load_anchor (self, error);
  g_autofree char *store_dir = NULL;
  OnwardTargets *targets;

  if (anchor == NULL)
    return NULL;
  store_dir = g_dir_make_tmp ("onward-verify-XXXXXX", error);
  if (store_dir == NULL)
    return NULL;

  targets = run_session (self, store_dir, anchor, last_root, now, error);
  (void) onward_file_remove_tree (AT_FDCWD, store_dir, NULL, NULL);
  return targets;
}

/**
 * onward_repository_verify_at:
 * @self: a repository
 * @now: seconds since 1970; 0 lets pass what has expired
 * @error: return location
 *
 * onward_repository_verify() at another time.
 *
 * Returns: (transfer full): the targets that a new client would have trusted then
 */
OnwardTargets *
onward_repository_verify_at (OnwardRepository *self, gint64 now, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OnwardTargets *targets = verify_up_to (self, G_MAXINT64, now, &local_error);

  if (targets != NULL)
    return targets;
  g_prefix_error (&local_error, "Verifying “%s” as a client does: ", self->folder);
  /* To a publisher this is no matter of waiting. */
  if (g_error_matches (local_error, ONWARD_ERROR, ONWARD_ERROR_UPLOAD_UNDER_WAY))
    {
      local_error->code = ONWARD_ERROR_FAILED;
      g_prefix_error (&local_error,
                      "A change of the keys was cut off; run “onward-publish refresh %s”, which "
                      "finishes it. ",
                      self->folder);
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/* What was collected, or else what waits. */
static GBytes *
look_ahead (OnwardRepository *self, const char *role, gint64 version)
{
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".%s.json", version, role);
  GBytes *bytes = g_hash_table_lookup (self->pending, path);

  return bytes != NULL ? bytes : g_hash_table_lookup (self->staged, path);
}

static GBytes *
read_next_root (OnwardRepository *self, gint64 version, gboolean published)
{
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".root.json", version);
  GBytes *ahead = published ? NULL : look_ahead (self, "root", version);

  return ahead != NULL ? g_bytes_ref (ahead)
                       : onward_file_read (self->dirfd, path, ONWARD_REPOSITORY_MAX_METADATA, NULL);
}

/* The last root, from the first one on. */
static OnwardRoot *
follow_roots (OnwardRepository *self, gboolean published, GError **error)
{
  g_autoptr (GBytes) bytes = onward_repository_load_anchor (self, error);
  OnwardRoot *last = bytes == NULL ? NULL : onward_root_new (bytes, NULL, error);

  while (last != NULL)
    {
      g_autoptr (GBytes) next =
          read_next_root (self, onward_root_get_version (last) + 1, published);
      g_autoptr (OnwardRoot) before = NULL;

      if (next == NULL)
        return last;
      before = last;
      last = onward_root_new (next, before, error);
    }
  return NULL;
}

/**
 * onward_repository_verify_roots:
 * @self: a repository
 * @error: return location
 *
 * Returns: (transfer full): the newest root that clients can come to, followed from the first one
 */
GBytes *
onward_repository_verify_roots (OnwardRepository *self, GError **error)
{
  g_autoptr (OnwardRoot) root = follow_roots (self, TRUE, error);

  return root == NULL ? NULL
                      : g_bytes_ref (onward_metadata_get_bytes (onward_root_get_metadata (root)));
}

static GBytes *
find_targets_ahead (OnwardRepository *self)
{
  gint64 version = onward_repository_get_version (self, "targets");
  GBytes *next = look_ahead (self, "targets", version + 1);

  return next != NULL ? next : look_ahead (self, "targets", version);
}

/**
 * onward_repository_verify_ahead:
 * @self: a repository
 * @error: return location
 *
 * Verifies what clients can fetch, and what waits for a timestamp, as they will when it has one.
 *
 * Returns: (transfer full): the targets to come, or else those that a new client would trust
 */
OnwardTargets *
onward_repository_verify_ahead (OnwardRepository *self, GError **error)
{
  g_autoptr (GHashTable) collected = g_steal_pointer (&self->pending);
  g_autoptr (OnwardTargets) targets = NULL;
  g_autoptr (OnwardRoot) root = NULL;
  GBytes *ahead;

  /* Clients see nothing of what was collected: it lacks a timestamp. */
  self->pending = g_hash_table_new (g_str_hash, g_str_equal);
  targets = onward_repository_verify (self, error);
  g_hash_table_unref (self->pending);
  self->pending = g_steal_pointer (&collected);
  if (targets == NULL)
    return NULL;

  root = follow_roots (self, FALSE, error);
  ahead = root == NULL ? NULL : find_targets_ahead (self);
  if (root != NULL && ahead == NULL)
    return g_steal_pointer (&targets);
  return root == NULL ? NULL : onward_targets_ahead_new (ahead, root, error);
}

/* What clients trusted before a root came whose keys have not signed all there is to sign. */
static OnwardTargets *
verify_former (OnwardRepository *self, OnwardRoot *last, GError **error)
{
  for (gint64 version = onward_root_get_version (last) - 1; version > 0; version--)
    {
      g_autoptr (GError) local_error = NULL;
      OnwardTargets *targets = verify_up_to (self, version, 0, &local_error);

      if (targets != NULL)
        return targets;
      if (version == 1)
        g_propagate_error (error, g_steal_pointer (&local_error));
    }
  return NULL;
}

/**
 * onward_repository_verify_cut_off:
 * @self: a repository that clients do not trust
 * @ret_signed: (out): whether the keys of the newest root have signed the targets
 * @error: return location: why nobody ever trusted it
 *
 * Looks at a repository whose newest root was published, but not yet what goes with it: the change
 * of the keys was cut off.
 *
 * Returns: (transfer full): the targets to go on with, verified by the newest root or else, by all
 *   that a client checks, before it came
 */
OnwardTargets *
onward_repository_verify_cut_off (OnwardRepository *self, gboolean *ret_signed, GError **error)
{
  g_autoptr (OnwardRoot) root = follow_roots (self, TRUE, error);
  g_autoptr (OnwardTargets) former = root == NULL ? NULL : verify_former (self, root, error);
  g_autofree char *path = g_strdup_printf ("metadata/%" G_GINT64_FORMAT ".targets.json",
                                           onward_repository_get_published (self, "targets"));
  g_autoptr (GBytes) newest = NULL;
  OnwardTargets *targets = NULL;

  if (former == NULL)
    return NULL;
  newest = onward_file_read (self->dirfd, path, ONWARD_REPOSITORY_MAX_METADATA, NULL);
  if (newest != NULL)
    targets = onward_targets_ahead_new (newest, root, NULL);
  *ret_signed = targets != NULL;
  return targets != NULL ? targets : g_steal_pointer (&former);
}
