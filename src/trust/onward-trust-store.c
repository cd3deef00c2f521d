/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-trust-store-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-role-name.h"
#include "onward-trust-chain.h"

/* No metadata: nothing is trusted for being signed by it. */
#define FORMER_FILE "former-root"

#define SUFFIX ".json"

struct _OnwardTrustStore
{
  char *dir;        /* (owned) */
  OnwardFd dirfd;   /* (owned) */
  OnwardRoot *root; /* (owned) */
  gboolean stored;  /* whether root is what the folder holds */
};

/* What cannot be read is not what was never trusted: without it, what is old would be new. */
static gboolean
read_if_there (OnwardTrustStore *self, OnwardRoleKind kind, GBytes **ret_bytes, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *ret_bytes = onward_file_read (self->dirfd, onward_role_kind_get_file (kind),
                                 onward_role_kind_get_cap (kind), &failure);
  if (*ret_bytes != NULL || g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND) ||
      g_error_matches (failure, ONWARD_ERROR, ONWARD_ERROR_MALFORMED))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
find_root (OnwardTrustStore *self, GBytes *anchor, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!read_if_there (self, ONWARD_ROLE_ROOT, &bytes, error))
    return FALSE;
  if (bytes != NULL)
    self->root = onward_root_new (bytes, NULL, NULL);
  self->stored = self->root != NULL;
  if (self->stored)
    return TRUE;

  if (anchor == NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_UNTRUSTED,
                           "there is no usable root to begin with");
      return FALSE;
    }
  self->root = onward_root_new (anchor, NULL, error);
  return self->root != NULL;
}

/**
 * onward_trust_store_open:
 * @dir: the folder; made when missing
 * @anchor: (nullable): the root document that came with the install
 * @error: return location for a #GError; UNTRUSTED when there is no root to begin with
 *
 * Opens the folder of trusted metadata. The root stored there comes first, @anchor serves when
 * there is none that speaks for itself. Blocking.
 *
 * Returns: (transfer full) (nullable): the store
 */
OnwardTrustStore *
onward_trust_store_open (const char *dir, GBytes *anchor, GError **error)
{
  g_autoptr (OnwardTrustStore) self = NULL;

  g_return_val_if_fail (dir != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OnwardTrustStore, 1);
  self->dirfd = -1;
  self->dir = g_strdup (dir);
  if (!onward_file_make_dir (AT_FDCWD, dir, error))
    return NULL;
  self->dirfd = onward_file_open_dir (AT_FDCWD, dir, error);
  if (self->dirfd < 0)
    return NULL;
  if (!find_root (self, anchor, error))
    {
      g_prefix_error (error, "Opening the trust store “%s”: ", dir);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * onward_trust_store_free:
 * @self: (transfer full) (nullable): a store
 */
void
onward_trust_store_free (OnwardTrustStore *self)
{
  if (self == NULL)
    return;
  if (self->dirfd >= 0)
    onward_fd_close (self->dirfd);
  g_clear_pointer (&self->root, onward_root_unref);
  g_free (self->dir);
  g_free (self);
}

/**
 * onward_trust_store_get_root:
 * @self: a store
 *
 * Returns: (transfer none): the trusted root
 */
OnwardRoot *
onward_trust_store_get_root (OnwardTrustStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->root;
}

/**
 * onward_trust_store_read:
 * @self: a store
 * @kind: which document
 *
 * Returns: (transfer full) (nullable): what is stored, to be verified again, or %NULL
 */
GBytes *
onward_trust_store_read (OnwardTrustStore *self, OnwardRoleKind kind)
{
  g_return_val_if_fail (self != NULL, NULL);

  return onward_file_read (self->dirfd, onward_role_kind_get_file (kind),
                           onward_role_kind_get_cap (kind), NULL);
}

static char *
dup_delegated_file (const char *name)
{
  g_autofree char *file = onward_role_name_dup_file (name);

  return g_strconcat (file, SUFFIX, NULL);
}

/**
 * onward_trust_store_read_delegated:
 * @self: a store
 * @name: the name of a delegated role
 *
 * Returns: (transfer full) (nullable): what is stored, to be verified again, or %NULL
 */
GBytes *
onward_trust_store_read_delegated (OnwardTrustStore *self, const char *name)
{
  g_autofree char *file = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  file = dup_delegated_file (name);
  return onward_file_read (self->dirfd, file, onward_role_kind_get_cap (ONWARD_ROLE_TARGETS), NULL);
}

static gboolean
write_file (OnwardTrustStore *self, OnwardMetadata *metadata, const char *file, GError **error)
{
  if (onward_file_write (self->dirfd, file, onward_metadata_get_bytes (metadata), 0644, error))
    return TRUE;
  g_prefix_error (error, "Storing trusted metadata in “%s”: ", self->dir);
  return FALSE;
}

/**
 * onward_trust_store_write:
 * @self: a store
 * @metadata: a document that passed all its checks
 * @kind: which one
 * @error: return location for a #GError
 *
 * Stores a document exactly as it was received. Blocking; on the disk when it returns.
 *
 * Returns: whether it is stored
 */
gboolean
onward_trust_store_write (OnwardTrustStore *self, OnwardMetadata *metadata, OnwardRoleKind kind,
                          GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (metadata != NULL, FALSE);

  return write_file (self, metadata, onward_role_kind_get_file (kind), error);
}

/**
 * onward_trust_store_write_delegated:
 * @self: a store
 * @metadata: a delegated document that passed all its checks
 * @name: the name of its role
 * @error: return location for a #GError
 *
 * Stores a delegated document exactly as it was received. Blocking; on the disk when it returns.
 *
 * Returns: whether it is stored
 */
gboolean
onward_trust_store_write_delegated (OnwardTrustStore *self, OnwardMetadata *metadata,
                                    const char *name, GError **error)
{
  g_autofree char *file = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (metadata != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  file = dup_delegated_file (name);
  return write_file (self, metadata, file, error);
}

/**
 * onward_trust_store_write_root:
 * @self: a store
 * @root: a root that follows the trusted one
 * @error: return location for a #GError
 *
 * Returns: whether @root is stored and the trusted one now
 */
gboolean
onward_trust_store_write_root (OnwardTrustStore *self, OnwardRoot *root, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (root != NULL, FALSE);

  if (!onward_trust_store_write (self, onward_root_get_metadata (root), ONWARD_ROLE_ROOT, error))
    return FALSE;
  onward_root_ref (root);
  onward_root_unref (self->root);
  self->root = root;
  self->stored = TRUE;
  return TRUE;
}

/**
 * onward_trust_store_keep_root:
 * @self: a store
 * @error: return location for a #GError
 *
 * Returns: whether the trusted root is in the folder
 */
gboolean
onward_trust_store_keep_root (OnwardTrustStore *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->stored)
    return TRUE;
  self->stored = onward_trust_store_write (self, onward_root_get_metadata (self->root),
                                           ONWARD_ROLE_ROOT, error);
  return self->stored;
}

/**
 * onward_trust_store_forget:
 * @self: a store
 * @kind: which document
 * @error: return location for a #GError
 *
 * Returns: whether nothing of that kind is stored any more
 */
gboolean
onward_trust_store_forget (OnwardTrustStore *self, OnwardRoleKind kind, GError **error)
{
  const char *file = onward_role_kind_get_file (kind);

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (unlinkat (self->dirfd, file, 0) == 0)
    return onward_file_sync (self->dirfd, self->dir, error);
  if (errno == ENOENT)
    return TRUE;
  onward_file_set_error (error, errno, "Removing", file);
  return FALSE;
}

/**
 * onward_trust_store_load_former:
 * @self: a store
 *
 * Returns: (transfer full) (nullable): the root of the last run that was completed, when others
 *   came since
 */
OnwardRoot *
onward_trust_store_load_former (OnwardTrustStore *self)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  bytes = onward_file_read (self->dirfd, FORMER_FILE, onward_role_kind_get_cap (ONWARD_ROLE_ROOT),
                            NULL);
  return bytes == NULL ? NULL : onward_root_new (bytes, NULL, NULL);
}

/**
 * onward_trust_store_keep_former:
 * @self: a store whose root is about to be followed by the next
 * @error: return location for a #GError
 *
 * Keeps the present root, unless an older one is kept already.
 *
 * Returns: whether a former root is stored
 */
gboolean
onward_trust_store_keep_former (OnwardTrustStore *self, GError **error)
{
  g_autoptr (OnwardRoot) kept = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  kept = onward_trust_store_load_former (self);
  return kept != NULL ||
         write_file (self, onward_root_get_metadata (self->root), FORMER_FILE, error);
}

/**
 * onward_trust_store_drop_former:
 * @self: a store
 *
 * Forgets the former root: from now on what it vouched for is old.
 */
void
onward_trust_store_drop_former (OnwardTrustStore *self)
{
  g_return_if_fail (self != NULL);

  (void) unlinkat (self->dirfd, FORMER_FILE, 0);
}

/* (element-type utf8 utf8): the names of the files that documents listed by @snapshot have here. */
static GHashTable *
make_expected (OnwardSnapshot *snapshot)
{
  GHashTable *expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree const char **listed = onward_snapshot_list_files (snapshot);

  for (guint kind = 0; kind <= ONWARD_ROLE_LAST; kind++)
    g_hash_table_add (expected, g_strdup (onward_role_kind_get_file ((OnwardRoleKind) kind)));
  for (const char **name = listed; *name != NULL; name++)
    {
      if (g_str_has_suffix (*name, SUFFIX))
        {
          g_autofree char *role = g_strndup (*name, strlen (*name) - strlen (SUFFIX));

          g_hash_table_add (expected, dup_delegated_file (role));
        }
    }
  return expected;
}

/* Only what has the name of a document is ours to remove. Links are removed, not followed; what
 * cannot be removed is never read, and does no harm. */
static void
remove_unexpected (DIR *folder, GHashTable *expected)
{
  struct dirent *entry;

  while ((entry = readdir (folder)) != NULL)
    {
      if (g_str_has_suffix (entry->d_name, SUFFIX) &&
          !g_hash_table_contains (expected, entry->d_name))
        (void) unlinkat (dirfd (folder), entry->d_name, 0);
    }
}

/**
 * onward_trust_store_prune:
 * @self: a store
 * @snapshot: the snapshot of a complete run
 *
 * Removes the documents of roles that are no longer listed: nobody will ask for them again.
 */
void
onward_trust_store_prune (OnwardTrustStore *self, OnwardSnapshot *snapshot)
{
  g_autoptr (GHashTable) expected = NULL;
  int fd;
  DIR *folder;

  g_return_if_fail (self != NULL);
  g_return_if_fail (snapshot != NULL);

  fd = TEMP_FAILURE_RETRY (openat (self->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  folder = fd < 0 ? NULL : fdopendir (fd);
  if (folder == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  expected = make_expected (snapshot);
  remove_unexpected (folder, expected);
  closedir (folder);
}

static GBytes *
read_stored (OnwardTrustStore *self, OnwardRoleKind kind, GError **error)
{
  GBytes *bytes = NULL;

  if (read_if_there (self, kind, &bytes, error) && bytes == NULL)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "“%s” is not stored in “%s”",
                 onward_role_kind_get_file (kind), self->dir);
  return bytes;
}

static gboolean
load_timestamp (OnwardTrustStore *self, OnwardTrustChain *chain, GError **error)
{
  g_autoptr (GBytes) bytes = read_stored (self, ONWARD_ROLE_TIMESTAMP, error);
  OnwardTimestamp *timestamp;

  if (bytes == NULL)
    return FALSE;
  timestamp = onward_trust_chain_check_timestamp (chain, bytes, error);
  if (timestamp == NULL)
    return FALSE;
  onward_trust_chain_take_timestamp (chain, timestamp);
  return TRUE;
}

static gboolean
load_snapshot (OnwardTrustStore *self, OnwardTrustChain *chain, GError **error)
{
  g_autoptr (GBytes) bytes = read_stored (self, ONWARD_ROLE_SNAPSHOT, error);
  OnwardSnapshot *snapshot;

  if (bytes == NULL)
    return FALSE;
  snapshot = onward_trust_chain_check_snapshot (chain, bytes, error);
  if (snapshot == NULL)
    return FALSE;
  onward_trust_chain_take_snapshot (chain, snapshot);
  return TRUE;
}

/**
 * onward_trust_store_set_floors:
 * @self: a store
 * @chain: a chain that has its last root
 * @error: return location for a #GError
 *
 * Tells @chain what earlier runs trusted. Blocking.
 *
 * Returns: FALSE when that cannot be read
 */
gboolean
onward_trust_store_set_floors (OnwardTrustStore *self, OnwardTrustChain *chain, GError **error)
{
  g_autoptr (GBytes) timestamp = NULL;
  g_autoptr (GBytes) snapshot = NULL;
  g_autoptr (GBytes) targets = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (chain != NULL, FALSE);

  if (!read_if_there (self, ONWARD_ROLE_TIMESTAMP, &timestamp, error) ||
      !read_if_there (self, ONWARD_ROLE_SNAPSHOT, &snapshot, error) ||
      !read_if_there (self, ONWARD_ROLE_TARGETS, &targets, error))
    return FALSE;

  onward_trust_chain_set_floors (chain, timestamp, snapshot, targets);
  return TRUE;
}

/**
 * onward_trust_store_load_targets:
 * @self: a store
 * @now: seconds since 1970
 * @error: return location for a #GError: EXPIRED when a document no longer holds, NOT_FOUND when
 *   no run was ever completed
 *
 * What the last complete run ended with, verified again from the stored root down by the very rules
 * a run applies. Blocking.
 *
 * Returns: (transfer full) (nullable): the targets
 */
OnwardTargets *
onward_trust_store_load_targets (OnwardTrustStore *self, gint64 now, GError **error)
{
  g_autoptr (OnwardTrustChain) chain = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  chain = onward_trust_chain_new (self->root, now);
  if (!onward_trust_store_set_floors (self, chain, error))
    return NULL;
  if (!onward_trust_chain_check_root_fresh (chain, error) || !load_timestamp (self, chain, error) ||
      !load_snapshot (self, chain, error))
    return NULL;
  bytes = read_stored (self, ONWARD_ROLE_TARGETS, error);
  if (bytes == NULL)
    return NULL;
  return onward_trust_chain_check_targets (chain, bytes, error);
}

/**
 * onward_trust_store_disowns:
 * @self: a store
 * @anchor: (nullable): the root that came with the install
 *
 * A key that was taken away may have been stolen. What such a key alone has vouched for, and no key
 * in force lists any more, is nobody's word.
 *
 * Returns: whether the trusted root took a key of targets away that @anchor had
 */
gboolean
onward_trust_store_disowns (OnwardTrustStore *self, GBytes *anchor)
{
  g_autoptr (OnwardRoot) first = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  first = anchor == NULL ? NULL : onward_root_new (anchor, NULL, NULL);
  return first != NULL &&
         !onward_role_is_kept_by (onward_root_get_role (first, ONWARD_ROLE_TARGETS),
                                  onward_root_get_role (self->root, ONWARD_ROLE_TARGETS));
}
