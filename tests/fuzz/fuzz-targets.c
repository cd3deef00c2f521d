/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-any-signature.h"
#include "onward-targets-private.h"

static void
check_target (OnwardTargets *targets, guint index, GBytes *bytes)
{
  OnwardTarget *target = onward_targets_get_target (targets, index);
  const char *name = onward_target_get_name (target);
  g_autofree char *path = onward_target_dup_path (target);
  guint n = onward_targets_get_n_delegations (targets);

  g_assert_true (onward_targets_lookup (targets, name) == target);
  g_assert_true (g_str_has_prefix (path, "targets/"));
  /* No document contains its own hash. */
  g_assert_false (onward_target_verify (target, bytes, NULL));
  for (guint i = 0; i < n; i++)
    (void) onward_delegation_covers (onward_targets_get_delegation (targets, i), name);
}

/* Whatever targets say, of releases, delegations and mirrors, it can be walked through. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static OnwardRole *role = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GPtrArray) mirrors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OnwardTargets) targets = NULL;
  guint n;

  if (role == NULL)
    role = onward_any_signature_make_role ();
  targets = onward_targets_new (bytes, role, TRUE, G_MAXINT64, NULL);
  if (targets == NULL)
    return 0;

  n = MIN (onward_targets_get_n_targets (targets), 16);
  for (guint i = 0; i < n; i++)
    check_target (targets, i, bytes);
  onward_targets_add_mirrors (targets, mirrors);
  g_assert_cmpuint (mirrors->len, <=, 16);
  return 0;
}
