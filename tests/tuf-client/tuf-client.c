/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A TUF client of the rooms trust and fetch and nothing else, with the command line that the public
 * conformance suite of TUF asks for: init, refresh, download; exit status 0 or 1. */

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "onward-error.h"
#include "onward-fetcher.h"
#include "onward-file.h"
#include "onward-log.h"
#include "onward-role-name.h"
#include "onward-trust-session.h"

#define MAX_ROOT_SIZE   512000
#define MAX_TARGET_SIZE (512u * 1024 * 1024)
#define MAX_MESSAGE     2000

typedef struct
{
  /* Input */
  char *metadata_dir;    /* (owned) (nullable) */
  char *metadata_url;    /* (owned) (nullable) */
  char **target_names;   /* (owned) (nullable) */
  char *target_base_url; /* (owned) (nullable) */
  char *target_dir;      /* (owned) (nullable) */
  char **arguments;      /* (owned) (nullable): the verb and what follows it */

  /* In progress */
  OnwardFetcher *fetcher;      /* (owned) (nullable) */
  OnwardTrustStore *store;     /* (owned) (nullable) */
  OnwardTrustSession *session; /* (owned) (nullable) */
} Client;

static void
client_clear (Client *self)
{
  g_free (self->metadata_dir);
  g_free (self->metadata_url);
  g_strfreev (self->target_names);
  g_free (self->target_base_url);
  g_free (self->target_dir);
  g_strfreev (self->arguments);
  g_clear_pointer (&self->session, onward_trust_session_free);
  g_clear_pointer (&self->store, onward_trust_store_free);
  g_clear_object (&self->fetcher);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

static gboolean
require (const char *value, const char *option, GError **error)
{
  if (value != NULL)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s is missing", option);
  return FALSE;
}

/* The address of what lies at @path ("metadata/…", "targets/…") when @base is its first folder. */
static char *
make_address (const char *base, const char *path)
{
  gsize size = strlen (base);

  while (size > 0 && base[size - 1] == '/')
    size--;
  return g_strdup_printf ("%.*s%s", (int) size, base, strchr (path, '/'));
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  (void) source;
  *kept = g_object_ref (result);
}

static OnwardDocument *
fetch (Client *self, const char *address, gsize max_size, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  onward_fetcher_get_async (self->fetcher, address, max_size, NULL, NULL, on_answered, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return onward_fetcher_get_finish (self->fetcher, result, error);
}

/* One turn of the session. */
static gboolean
answer (Client *self, const OnwardTrustRequest *request, GError **error)
{
  g_autofree char *address = make_address (self->metadata_url, request->path);
  g_autoptr (OnwardDocument) document = fetch (self, address, request->max_size, error);

  if (document == NULL)
    return FALSE;
  if (document->missing)
    return onward_trust_session_accept_missing (self->session, error);
  return onward_trust_session_accept (self->session, document->body, error);
}

static gboolean
answer_all (Client *self, GError **error)
{
  const OnwardTrustRequest *request;

  while ((request = onward_trust_session_get_request (self->session)) != NULL)
    {
      if (!answer (self, request, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
init (Client *self, GError **error)
{
  g_autoptr (GBytes) root = NULL;
  g_autofree char *path = NULL;

  if (g_strv_length (self->arguments) != 2)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "init wants the file of a trusted root");
      return FALSE;
    }
  root = onward_file_read (AT_FDCWD, self->arguments[1], MAX_ROOT_SIZE, error);
  if (root == NULL || !onward_file_make_dir (AT_FDCWD, self->metadata_dir, error))
    return FALSE;
  path = g_build_filename (self->metadata_dir, "root.json", NULL);
  return onward_file_write (AT_FDCWD, path, root, 0644, error);
}

/* The clock is believed, even when it shows a day before this program was written: those who run it
 * give it repositories of long ago. */
static gboolean
refresh (Client *self, GError **error)
{
  if (!require (self->metadata_url, "metadata-url", error))
    return FALSE;
  self->store = onward_trust_store_open (self->metadata_dir, NULL, error);
  if (self->store == NULL)
    return FALSE;

  self->fetcher = onward_fetcher_new (TRUE);
  self->session = onward_trust_session_new (self->store, g_get_real_time () / G_USEC_PER_SEC);
  return answer_all (self, error);
}

static OnwardTarget *
find_target (Client *self, const char *name, GError **error)
{
  OnwardTarget *target;

  if (!g_utf8_validate (name, -1, NULL))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "The name of a target is not valid UTF-8");
      return NULL;
    }
  if (!onward_trust_session_search (self->session, name, error) || !answer_all (self, error))
    return NULL;

  target = onward_trust_session_get_found (self->session);
  if (target == NULL)
    g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "There is no target “%s”", name);
  return target;
}

/* Whether an earlier run left the very bytes that are wanted. */
static gboolean
is_cached (int dirfd, const char *file, OnwardTarget *target)
{
  g_autoptr (GBytes) body = onward_file_read (dirfd, file, MAX_TARGET_SIZE, NULL);

  return body != NULL && onward_target_verify (target, body, NULL);
}

static gboolean
fetch_target (Client *self, OnwardTarget *target, int dirfd, const char *file, GError **error)
{
  gsize max_size = (gsize) MIN (onward_target_get_length (target), MAX_TARGET_SIZE);
  g_autofree char *path = onward_target_dup_path (target);
  g_autofree char *address = make_address (self->target_base_url, path);
  g_autoptr (OnwardDocument) document = fetch (self, address, max_size, error);

  if (document == NULL)
    return FALSE;
  if (document->missing)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND, "“%s” is missing in the repository",
                   path);
      return FALSE;
    }
  return onward_target_verify (target, document->body, error) &&
         onward_file_write (dirfd, file, document->body, 0644, error);
}

static gboolean
download_one (Client *self, const char *name, int dirfd, GError **error)
{
  OnwardTarget *target = find_target (self, name, error);
  g_autofree char *file = NULL;

  if (target == NULL)
    return FALSE;
  file = onward_role_name_dup_file (name);
  return is_cached (dirfd, file, target) || fetch_target (self, target, dirfd, file, error);
}

static void
complain (const GError *error)
{
  g_autofree char *text = onward_log_escape (error->message, MAX_MESSAGE);

  if (error->domain == ONWARD_ERROR)
    g_printerr ("tuf-client: %s (%s)\n", text, onward_error_get_nick ((OnwardError) error->code));
  else
    g_printerr ("tuf-client: %s\n", text);
}

static gboolean
open_target_dir (Client *self, int *ret_dirfd, GError **error)
{
  if (!require (self->target_base_url, "target-base-url", error) ||
      !require (self->target_dir, "target-dir", error) ||
      !onward_file_make_dir (AT_FDCWD, self->target_dir, error))
    return FALSE;
  *ret_dirfd = onward_file_open_dir (AT_FDCWD, self->target_dir, error);
  return *ret_dirfd >= 0;
}

/* What is wrong with one target does not keep the others from being downloaded. */
static gboolean
download (Client *self, GError **error)
{
  guint n = self->target_names != NULL ? g_strv_length (self->target_names) : 0;
  g_auto (OnwardFd) dirfd = -1;
  guint n_failed = 0;

  if (!require (n > 0 ? self->target_names[0] : NULL, "target-name", error) ||
      !open_target_dir (self, &dirfd, error) || !refresh (self, error))
    return FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) why = NULL;

      if (download_one (self, self->target_names[i], dirfd, &why))
        continue;
      complain (why);
      n_failed++;
    }
  if (n_failed == 0)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "%u of %u targets are not here", n_failed,
               n);
  return FALSE;
}

static gboolean
parse (Client *self, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "metadata-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->metadata_dir, NULL, "DIR" },
    { "metadata-url", 0, 0, G_OPTION_ARG_FILENAME, &self->metadata_url, NULL, "URL" },
    { "target-name", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->target_names, NULL, "NAME" },
    { "target-base-url", 0, 0, G_OPTION_ARG_FILENAME, &self->target_base_url, NULL, "URL" },
    { "target-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->target_dir, NULL, "DIR" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->arguments, NULL,
      "init ROOT|refresh|download" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error) &&
         require (self->metadata_dir, "metadata-dir", error);
}

static gboolean
run (Client *self, GError **error)
{
  const char *verb = self->arguments != NULL ? self->arguments[0] : "";

  if (g_str_equal (verb, "init"))
    return init (self, error);
  if (g_str_equal (verb, "refresh"))
    return refresh (self, error);
  if (g_str_equal (verb, "download"))
    return download (self, error);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "There is no verb “%s”", verb);
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_auto (Client) self = { 0 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (parse (&self, &argc, &argv, &error) && run (&self, &error))
    return EXIT_SUCCESS;
  complain (error);
  return EXIT_FAILURE;
}
