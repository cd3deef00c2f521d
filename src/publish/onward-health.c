/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "onward-ceremony.h"
#include "onward-error.h"
#include "onward-expiry.h"
#include "onward-health.h"
#include "onward-root-draft.h"

#define SECONDS_PER_DAY (24 * 60 * 60)

typedef struct
{
  OnwardRepository *repository; /* (unowned) */
  OnwardKeyring *keyring;       /* (unowned) */
  JsonObject *root;             /* (owned) (nullable) */
  GPtrArray *findings;          /* (owned): OnwardFinding */
} Examination;

static void
finding_free (gpointer data)
{
  OnwardFinding *finding = data;

  g_free (finding->text);
  g_free (finding->advice);
  g_free (finding);
}

/* Takes @text over. */
static void
note (Examination *self, OnwardUrgency urgency, const char *subject, char *text, const char *advice)
{
  OnwardFinding *finding = g_new0 (OnwardFinding, 1);

  finding->urgency = urgency;
  finding->subject = subject;
  finding->text = text;
  finding->advice = g_strdup (advice);
  g_ptr_array_add (self->findings, finding);
}

static const char *
get_remedy (const char *role)
{
  if (g_str_equal (role, "root"))
    return "run “onward-publish rotate”";
  return g_str_equal (role, "targets") ? "run “onward-publish refresh” where the key of targets is"
                                       : "run “onward-publish refresh”";
}

static void
examine_role (Examination *self, const char *role)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) content = onward_repository_load_role (self->repository, role, &error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 expiry;
  gint64 days;

  if (content == NULL || !onward_expiry_read (content, &expiry, &error))
    {
      note (self, ONWARD_URGENCY_NOW, role, g_strdup (error->message),
            "bring the repository back from a copy");
      return;
    }

  days = (expiry - now) / SECONDS_PER_DAY;
  if (expiry <= now)
    note (self, ONWARD_URGENCY_NOW, role,
          g_strdup_printf ("it expired %" G_GINT64_FORMAT " days ago; clients refuse it", -days),
          get_remedy (role));
  else if (days < onward_expiry_get_notice (self->repository, role))
    note (self, ONWARD_URGENCY_SOON, role,
          g_strdup_printf ("it expires in %" G_GINT64_FORMAT " days", days), get_remedy (role));
  else
    note (self, ONWARD_URGENCY_NONE, role,
          g_strdup_printf ("it expires in %" G_GINT64_FORMAT " days", days), NULL);
}

static guint
count_here (Examination *self, GPtrArray *ids)
{
  guint n = 0;

  for (guint i = 0; i < ids->len; i++)
    {
      OnwardKeyFile *file = onward_keyring_find (self->keyring, g_ptr_array_index (ids, i));

      if (file != NULL && onward_key_file_get_source (file) != NULL)
        n++;
    }
  return n;
}

/* A role with as many keys as it takes has none to lose. */
static void
examine_spares (Examination *self)
{
  g_autoptr (GPtrArray) ids = onward_root_draft_list_keys (self->root, "root");
  gint64 threshold = onward_root_draft_get_threshold (self->root, "root");
  guint here = count_here (self, ids);

  if (ids->len <= threshold)
    note (self, ONWARD_URGENCY_SOON, "keys",
          g_strdup_printf ("there are %u root keys and %" G_GINT64_FORMAT
                           " have to sign: none of them may get lost",
                           ids->len, threshold),
          "make a spare with “onward-publish key generate”, and add it with “key add REPO root”");
  if (ids->len > 1 && here == ids->len)
    note (self, ONWARD_URGENCY_SOON, "keys",
          g_strdup ("all root keys are on this computer: who breaks into it, or loses it, takes "
                    "all of them"),
          "move the spare one to a safe place off this computer (its .pub may stay)");
  if (here > 0 && onward_repository_is_split (self->repository))
    note (self, ONWARD_URGENCY_SOON, "keys",
          g_strdup ("a root key is on this computer, though nothing needs it from day to day"),
          "move it to a safe place off this computer (its .pub may stay)");
}

static void
examine_file (Examination *self, OnwardKeyFile *file)
{
  const char *source = onward_key_file_get_source (file);
  struct stat info;

  if (source == NULL || onward_key_is_token (source) || stat (source, &info) != 0)
    return;
  if ((info.st_mode & 077) != 0)
    note (self, ONWARD_URGENCY_NOW, "keys", g_strdup_printf ("others may read “%s”", source),
          "take it away from them (chmod 600), and think of who may have it");
}

static gboolean
is_inside (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void
examine_folder (Examination *self)
{
  const char *folder = onward_keyring_get_folder (self->keyring);
  g_autofree char *keys = realpath (folder, NULL);
  g_autofree char *repository = realpath (onward_repository_get_folder (self->repository), NULL);
  struct stat info;

  if (keys == NULL)
    {
      note (self, ONWARD_URGENCY_NONE, "keys",
            g_strdup_printf ("there is no folder “%s”: nothing is signed here", folder), NULL);
      return;
    }
  if (repository != NULL && is_inside (keys, repository))
    note (self, ONWARD_URGENCY_NOW, "keys",
          g_strdup_printf ("they are in “%s”, inside what is published", keys),
          "move them out, and replace every one that was uploaded");
  if (stat (keys, &info) == 0 && (info.st_mode & 077) != 0)
    note (self, ONWARD_URGENCY_NOW, "keys", g_strdup_printf ("others may look into “%s”", keys),
          "chmod 700 it");
}

static void
examine_keys (Examination *self)
{
  GPtrArray *files = onward_keyring_list (self->keyring);

  examine_folder (self);
  for (guint i = 0; i < files->len; i++)
    examine_file (self, g_ptr_array_index (files, i));
  if (self->root != NULL)
    examine_spares (self);
}

static void
examine_waiting (Examination *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRootRequest) request = onward_ceremony_load (self->repository, &error);

  if (request != NULL)
    note (self, ONWARD_URGENCY_SOON, "waiting",
          g_strdup_printf ("a new root waits for %u signatures of the keys in force and %u of the "
                           "new ones",
                           onward_root_request_get_missing (request, FALSE),
                           onward_root_request_get_missing (request, TRUE)),
          "“key export” it, “key sign” it, “key import” it, or “key abort” it");
  else if (!g_error_matches (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND))
    note (self, ONWARD_URGENCY_NOW, "waiting", g_strdup (error->message), "“key abort” it");

  if (onward_repository_stage_get_version (self->repository, "root") > 0 ||
      onward_repository_stage_get_version (self->repository, "targets") > 0)
    note (self, ONWARD_URGENCY_SOON, "waiting",
          g_strdup ("what was signed here waits for the online keys, unseen by clients"),
          "run “onward-publish refresh” where they are");
}

/* Last, because what was found before is often the reason. */
static void
examine_as_client (Examination *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardTargets) targets = onward_repository_verify (self->repository, &error);

  if (targets == NULL)
    note (self, ONWARD_URGENCY_NOW, "clients", g_strdup (error->message),
          "if a command was cut off, run it again; else mend what is said above, or bring the "
          "repository back from a copy");
  else
    note (self, ONWARD_URGENCY_NONE, "clients",
          g_strdup_printf ("they trust %u targets", onward_targets_get_n_targets (targets)), NULL);
}

/**
 * onward_health_examine:
 * @repository: a repository
 * @keyring: the keys that are here
 *
 * Looks at everything that could keep clients from updates, or let somebody else give them some. No
 * key is unlocked, and nothing is changed.
 *
 * Returns: (transfer full) (element-type OnwardFinding): what was found
 */
GPtrArray *
onward_health_examine (OnwardRepository *repository, OnwardKeyring *keyring)
{
  static const char *const roles[] = { "root", "targets", "snapshot", "timestamp" };
  g_autoptr (JsonObject) root = onward_repository_load_role (repository, "root", NULL);
  Examination self = { .repository = repository, .keyring = keyring, .root = root };

  self.findings = g_ptr_array_new_with_free_func (finding_free);
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    examine_role (&self, roles[i]);
  examine_keys (&self);
  examine_waiting (&self);
  examine_as_client (&self);
  return self.findings;
}
