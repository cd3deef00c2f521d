/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-delegation-search.h"

#include "onward-error.h"
#include "onward-role-name.h"
#include "onward-targets-private.h"
#include "onward-trust-path.h"
#include "onward-trust-store-private.h"

/* Roles a search visits at most, so that nobody can keep a client busy. */
#define MAX_VISITED 32

/* One way to a role: the same role may be delegated to by several, on different terms. */
typedef struct
{
  OnwardTargets *delegator;     /* (owned) */
  OnwardDelegation *delegation; /* belongs to delegator */
} Step;

struct _OnwardDelegationSearch
{
  OnwardTrustChain *chain; /* outlives the search */
  OnwardTrustStore *store; /* outlives the search */
  char *name;              /* (owned): of the target */
  GPtrArray *pending;      /* (owned): Step; the next one is the last */
  GHashTable *visited;     /* (owned): names of roles */
  Step *wanted;            /* (owned) (nullable): whose document is asked for */

  OnwardTrustRequest request;
  char *path; /* (owned) (nullable): what request.path points at */

  OnwardTargets *holder; /* (owned) (nullable): whose target was found */
  OnwardTarget *found;   /* belongs to holder */
};

static Step *
step_new (OnwardTargets *delegator, OnwardDelegation *delegation)
{
  Step *self = g_new0 (Step, 1);

  self->delegator = onward_targets_ref (delegator);
  self->delegation = delegation;
  return self;
}

static void
step_free (Step *self)
{
  onward_targets_unref (self->delegator);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static void
free_step (gpointer data)
{
  step_free (data);
}

/* Where @targets delegate the target to, in their order, and before all that is pending. */
static void
push_delegations (OnwardDelegationSearch *self, OnwardTargets *targets)
{
  guint n = onward_targets_get_n_delegations (targets);
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      OnwardDelegation *delegation = onward_targets_get_delegation (targets, i);

      if (!onward_delegation_covers (delegation, self->name))
        continue;
      g_ptr_array_add (steps, step_new (targets, delegation));
      if (onward_delegation_is_terminating (delegation))
        {
          g_ptr_array_set_size (self->pending, 0);
          break;
        }
    }

  for (guint i = steps->len; i > 0; i--)
    g_ptr_array_add (self->pending, g_ptr_array_index (steps, i - 1));
}

static void
visit (OnwardDelegationSearch *self, OnwardTargets *targets)
{
  self->found = onward_targets_lookup (targets, self->name);
  if (self->found == NULL)
    {
      push_delegations (self, targets);
      return;
    }
  self->holder = onward_targets_ref (targets);
  g_ptr_array_set_size (self->pending, 0);
}

/**
 * onward_delegation_search_new:
 * @chain: a complete chain; must outlive the search
 * @store: where delegated documents are kept; must outlive the search
 * @name: the name of a target
 *
 * Begins a search with the top-level targets. onward_delegation_search_advance() goes on.
 *
 * Returns: (transfer full): the search
 */
OnwardDelegationSearch *
onward_delegation_search_new (OnwardTrustChain *chain, OnwardTrustStore *store, const char *name)
{
  OnwardDelegationSearch *self;

  g_return_val_if_fail (chain != NULL, NULL);
  g_return_val_if_fail (store != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  self = g_new0 (OnwardDelegationSearch, 1);
  self->chain = chain;
  self->store = store;
  self->name = g_strdup (name);
  self->pending = g_ptr_array_new_with_free_func (free_step);
  self->visited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  visit (self, onward_trust_chain_get_targets (chain));
  return self;
}

/**
 * onward_delegation_search_free:
 * @self: (transfer full) (nullable): a search
 */
void
onward_delegation_search_free (OnwardDelegationSearch *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->path);
  g_ptr_array_unref (self->pending);
  g_hash_table_unref (self->visited);
  g_clear_pointer (&self->wanted, step_free);
  g_clear_pointer (&self->holder, onward_targets_unref);
  g_free (self);
}

/* What the snapshot says of the role's document. */
static OnwardFileInfo *
find_info (OnwardDelegationSearch *self, Step *step, GError **error)
{
  g_autofree char *entry =
      onward_role_name_dup_entry (onward_delegation_get_name (step->delegation));
  OnwardFileInfo *info =
      onward_snapshot_lookup (onward_trust_chain_get_snapshot (self->chain), entry);

  if (info == NULL)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
                 "Looking for “%s”: “snapshot.json” does not list “%s”", self->name, entry);
  return info;
}

static void
set_request (OnwardDelegationSearch *self, OnwardFileInfo *info)
{
  g_autofree char *quoted =
      onward_role_name_quote (onward_delegation_get_name (self->wanted->delegation));

  g_free (self->path);
  self->path =
      onward_trust_path_of_listed (onward_trust_chain_get_root (self->chain), quoted, info);
  self->request.path = self->path;
  self->request.max_size = onward_trust_path_get_max_size (ONWARD_ROLE_TARGETS, info);
  self->request.may_be_missing = FALSE;
}

/* What is stored counts only by the word of this search's delegator, and only while it is what the
 * snapshot means. */
static OnwardTargets *
load_stored (OnwardDelegationSearch *self, Step *step)
{
  g_autoptr (GBytes) bytes = onward_trust_store_read_delegated (
      self->store, onward_delegation_get_name (step->delegation));

  if (bytes == NULL)
    return NULL;
  return onward_trust_chain_check_delegated (self->chain, step->delegator, step->delegation, bytes,
                                             NULL);
}

static gboolean
take_step (OnwardDelegationSearch *self, Step *taken, GError **error)
{
  g_autoptr (Step) step = taken;
  OnwardFileInfo *info = find_info (self, step, error);
  g_autoptr (OnwardTargets) targets = NULL;

  if (info == NULL)
    return FALSE;
  targets = load_stored (self, step);
  if (targets != NULL)
    {
      visit (self, targets);
      return TRUE;
    }
  self->wanted = g_steal_pointer (&step);
  set_request (self, info);
  return TRUE;
}

/**
 * onward_delegation_search_advance:
 * @self: a search
 * @error: return location for ONWARD_ERROR_NOT_FOUND when the snapshot does not list a role
 *
 * Visits roles, depth first and each once, until the target is found, a document is needed, or
 * there is nowhere left to look. An error ends the search.
 *
 * Returns: whether nothing was wrong
 */
gboolean
onward_delegation_search_advance (OnwardDelegationSearch *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  while (self->wanted == NULL && self->pending->len > 0 &&
         g_hash_table_size (self->visited) < MAX_VISITED)
    {
      g_autoptr (Step) step = g_ptr_array_steal_index (self->pending, self->pending->len - 1);
      const char *name = onward_delegation_get_name (step->delegation);

      if (!g_hash_table_add (self->visited, g_strdup (name)))
        continue;
      if (!take_step (self, g_steal_pointer (&step), error))
        {
          g_ptr_array_set_size (self->pending, 0);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * onward_delegation_search_get_request:
 * @self: a search
 *
 * Returns: (transfer none) (nullable): the document that is needed next, until it is given
 */
const OnwardTrustRequest *
onward_delegation_search_get_request (OnwardDelegationSearch *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->wanted != NULL ? &self->request : NULL;
}

/**
 * onward_delegation_search_accept:
 * @self: a search that asks for a document
 * @body: the answer
 * @error: return location for a #GError
 *
 * Verifies the document, stores it, and goes on. A refused document changes nothing.
 *
 * Returns: whether the search goes on, or has come to its end
 */
gboolean
onward_delegation_search_accept (OnwardDelegationSearch *self, GBytes *body, GError **error)
{
  g_autoptr (OnwardTargets) targets = NULL;
  Step *step;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->wanted != NULL, FALSE);
  g_return_val_if_fail (body != NULL, FALSE);

  step = self->wanted;
  targets = onward_trust_chain_check_delegated (self->chain, step->delegator, step->delegation,
                                                body, error);
  if (targets == NULL ||
      !onward_trust_store_write_delegated (self->store, onward_targets_get_metadata (targets),
                                           onward_delegation_get_name (step->delegation), error))
    return FALSE;

  g_clear_pointer (&self->wanted, step_free);
  visit (self, targets);
  return onward_delegation_search_advance (self, error);
}

/**
 * onward_delegation_search_get_found:
 * @self: a search
 *
 * Returns: (transfer none) (nullable): the target, when the search has found it
 */
OnwardTarget *
onward_delegation_search_get_found (OnwardDelegationSearch *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->found;
}
