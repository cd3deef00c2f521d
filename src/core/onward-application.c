/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>

#include "onward-application.h"
#include "onward-error.h"
#include "onward-file.h"

#define GROUP       "Application"
#define MAX_SIZE    (64 * 1024)
#define MAX_NAME    256
#define MAX_CHANNEL 32
#define MAX_KEEP    64
/* Seconds; the launcher has the same bound. */
#define MAX_GOOD_AFTER 3600

struct _OnwardApplication
{
  char *id;         /* (owned) */
  char *name;       /* (owned) */
  char *icon;       /* (owned) (nullable) */
  char *command;    /* (owned) */
  char *repository; /* (owned) */
  char *channel;    /* (owned) */
  OnwardLayout layout;
  GStrv keep; /* (owned) */
  gboolean allow_http;
};

static const char *const known_keys[] = {
  "Id",     "Name",      "Icon", "Command",   "Repository", "Channel",
  "Layout", "AllowHttp", "Keep", "Supervise", "GoodAfter",
};

static void
clear (gpointer data)
{
  OnwardApplication *self = data;

  g_free (self->id);
  g_free (self->name);
  g_free (self->icon);
  g_free (self->command);
  g_free (self->repository);
  g_free (self->channel);
  g_strfreev (self->keep);
}

static gboolean
refuse (const char *key, const char *why, GError **error)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading key “%s”: %s", key, why);
  return FALSE;
}

static gboolean
has_control (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return TRUE;

  return FALSE;
}

/* Refuses keys that are not known, so that no misspelt one goes unnoticed. Names that
 * begin with "X-" are for everybody's own use. */
static gboolean
check_keys (GKeyFile *file, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, GROUP, NULL, NULL);

  if (keys == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Group “%s” is missing", GROUP);
      return FALSE;
    }

  for (guint i = 0; keys[i] != NULL; i++)
    {
      gboolean known = g_str_has_prefix (keys[i], "X-") || g_str_has_prefix (keys[i], "Name[");

      for (gsize j = 0; j < G_N_ELEMENTS (known_keys); j++)
        known = known || g_str_equal (keys[i], known_keys[j]);
      if (!known)
        return refuse (keys[i], "unknown key", error);
    }

  return TRUE;
}

/* Reads a text, in the user's language where there is one, that must be there and hold no control
 * character. */
static gboolean
read_text (GKeyFile *file, const char *key, char **ret_text, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = g_key_file_get_locale_string (file, GROUP, key, NULL, NULL);

  /* A wrong escape gives an error for the plain text only. */
  g_free (g_key_file_get_string (file, GROUP, key, &local));
  if (local != NULL || text == NULL || *text == '\0')
    return refuse (key, "missing, empty or wrongly escaped", error);
  if (has_control (text))
    return refuse (key, "holds a control character", error);

  *ret_text = g_steal_pointer (&text);
  return TRUE;
}

static gboolean
read_optional (GKeyFile *file, const char *key, const char *fallback, char **ret_text,
               GError **error)
{
  if (g_key_file_has_key (file, GROUP, key, NULL))
    return read_text (file, key, ret_text, error);

  *ret_text = g_strdup (fallback);
  return TRUE;
}

static gboolean
read_identity (OnwardApplication *self, GKeyFile *file, GError **error)
{
  if (!read_text (file, "Id", &self->id, error) || !read_text (file, "Name", &self->name, error) ||
      !read_text (file, "Command", &self->command, error) ||
      !read_optional (file, "Icon", NULL, &self->icon, error))
    return FALSE;

  if (!g_application_id_is_valid (self->id))
    return refuse ("Id", "not an application id", error);
  if (g_utf8_strlen (self->name, -1) > MAX_NAME)
    return refuse ("Name", "too long", error);
  if (!onward_file_is_clean_path (self->command))
    return refuse ("Command", "not a clean path inside the application", error);
  if (self->icon != NULL && !onward_file_is_clean_path (self->icon))
    return refuse ("Icon", "neither the name of an icon nor a clean path", error);

  return TRUE;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);

  return g_ascii_strcasecmp (host, "localhost") == 0;
}

/* GUri takes blanks and more where an address may hold none, and a scheme in capitals, which others
 * would compare with the text. */
static GUri *
parse_uri (const char *text)
{
  g_autoptr (GUri) uri = NULL;

  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || strchr ("\"<>\\^`{|}", *c) != NULL)
      return NULL;

  uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || !g_str_has_prefix (text, g_uri_get_scheme (uri)))
    return NULL;

  return g_steal_pointer (&uri);
}

/* Says what is wrong with an address, or NULL. */
static const char *
judge_uri (GUri *uri, gboolean allow_http)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);
  gboolean has_host = host != NULL && *host != '\0';

  if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL ||
      g_uri_get_fragment (uri) != NULL)
    return "user, query or fragment in an address";

  if (g_str_equal (scheme, "file"))
    return !has_host && *g_uri_get_path (uri) == '/' ? NULL : "not a local file address";
  if (!has_host)
    return "an address without a host";
  if (g_str_equal (scheme, "https"))
    return NULL;
  if (!g_str_equal (scheme, "http"))
    return "an address that is neither https, http nor file";

  return allow_http || is_loopback (host) ? NULL : "http without AllowHttp=true";
}

static gboolean
read_repository (OnwardApplication *self, GKeyFile *file, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GUri) uri = NULL;
  const char *problem;
  gsize length;

  if (!read_text (file, "Repository", &text, error))
    return FALSE;

  uri = parse_uri (text);
  problem = uri != NULL ? judge_uri (uri, self->allow_http) : "not an address";
  if (problem != NULL)
    return refuse ("Repository", problem, error);

  length = strlen (text);
  while (length > 0 && text[length - 1] == '/')
    length--;
  self->repository = g_strndup (text, length);
  return TRUE;
}

static gboolean
is_channel (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-");

  return length > 0 && length <= MAX_CHANNEL && text[length] == '\0';
}

static gboolean
read_channel (OnwardApplication *self, GKeyFile *file, GError **error)
{
  if (!read_optional (file, "Channel", "stable", &self->channel, error))
    return FALSE;

  return is_channel (self->channel) || refuse ("Channel", "not 1 to 32 of a–z, 0–9 and “-”", error);
}

static gboolean
read_layout (OnwardApplication *self, GKeyFile *file, GError **error)
{
  g_autofree char *layout = NULL;

  if (!read_optional (file, "Layout", "side-by-side", &layout, error))
    return FALSE;

  self->layout =
      g_str_equal (layout, "in-place") ? ONWARD_LAYOUT_IN_PLACE : ONWARD_LAYOUT_SIDE_BY_SIDE;
  return self->layout == ONWARD_LAYOUT_IN_PLACE || g_str_equal (layout, "side-by-side") ||
         refuse ("Layout", "neither “side-by-side” nor “in-place”", error);
}

static gboolean
read_switch (GKeyFile *file, const char *key, gboolean *ret_on, GError **error)
{
  g_autofree char *value = NULL;

  if (!read_optional (file, key, "false", &value, error))
    return FALSE;

  *ret_on = g_str_equal (value, "true");
  return *ret_on || g_str_equal (value, "false") ||
         refuse (key, "neither “true” nor “false”", error);
}

/* What the launcher goes by. It ignores what it does not understand; here it is refused. */
static gboolean
read_trial (GKeyFile *file, GError **error)
{
  g_autofree char *seconds = NULL;
  gboolean supervise;

  if (!read_switch (file, "Supervise", &supervise, error) ||
      !read_optional (file, "GoodAfter", NULL, &seconds, error))
    return FALSE;

  return seconds == NULL ||
         g_ascii_string_to_unsigned (seconds, 10, 1, MAX_GOOD_AFTER, NULL, NULL) ||
         refuse ("GoodAfter", "not a number of seconds from 1 to 3600", error);
}

static gboolean
read_keep (OnwardApplication *self, GKeyFile *file, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize count = 0;

  if (!g_key_file_has_key (file, GROUP, "Keep", NULL))
    {
      self->keep = g_new0 (char *, 1);
      return TRUE;
    }

  self->keep = g_key_file_get_string_list (file, GROUP, "Keep", &count, &local);
  if (local != NULL || count > MAX_KEEP)
    return refuse ("Keep", "wrongly escaped or too many", error);

  for (gsize i = 0; i < count; i++)
    if (!onward_file_is_clean_path (self->keep[i]) || has_control (self->keep[i]))
      return refuse ("Keep", "not a pattern of clean paths", error);

  return TRUE;
}

/* The key file parser itself lets NUL bytes pass. */
static gboolean
load_text (GKeyFile *file, const char *text, gsize size, GError **error)
{
  if (size > MAX_SIZE)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Larger than 64 KiB");
      return FALSE;
    }

  if (!g_utf8_validate_len (text, size, NULL))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Not a text in UTF-8");
      return FALSE;
    }

  if (!g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, NULL))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Not a key file");
      return FALSE;
    }

  return TRUE;
}

/**
 * onward_application_parse:
 * @text: the contents of onward.ini
 * @size: their size in bytes
 * @error: where to put ONWARD_ERROR; MALFORMED names the key
 *
 * Returns: (transfer full): what @text says of an application
 */
OnwardApplication *
onward_application_parse (const char *text, gsize size, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (OnwardApplication) self = NULL;

  g_return_val_if_fail (text != NULL || size == 0, NULL);

  if (!load_text (file, text != NULL ? text : "", size, error) || !check_keys (file, error))
    return NULL;

  self = g_atomic_rc_box_new0 (OnwardApplication);
  if (!read_identity (self, file, error) ||
      !read_switch (file, "AllowHttp", &self->allow_http, error) ||
      !read_repository (self, file, error) || !read_channel (self, file, error) ||
      !read_layout (self, file, error) || !read_keep (self, file, error) ||
      !read_trial (file, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * onward_application_load:
 * @path: an onward.ini
 * @error: where to put ONWARD_ERROR; MALFORMED names the file and the key
 *
 * Blocking.
 *
 * Returns: (transfer full): what the file says of an application
 */
OnwardApplication *
onward_application_load (const char *path, GError **error)
{
  return onward_application_load_at (AT_FDCWD, path, error);
}

/**
 * onward_application_load_at:
 * @dirfd: a folder, or AT_FDCWD
 * @path: a clean path below it; any path with AT_FDCWD
 * @error: set by onward_application_load()
 *
 * onward_application_load() of a file that no link leads away from. Blocking.
 *
 * Returns: (transfer full): the application, or %NULL
 */
OnwardApplication *
onward_application_load_at (int dirfd, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  OnwardApplication *self;
  gconstpointer text;
  gsize size;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = onward_file_read (dirfd, path, MAX_SIZE, error);
  if (bytes == NULL)
    return NULL;

  text = g_bytes_get_data (bytes, &size);
  self = onward_application_parse (text, size, error);
  if (self == NULL)
    g_prefix_error (error, "Reading “%s”: ", path);
  return self;
}

/**
 * onward_application_ref:
 * @self: an application
 *
 * Returns: (transfer full): @self; any thread may hold a reference
 */
OnwardApplication *
onward_application_ref (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * onward_application_unref:
 * @self: (transfer full): an application
 */
void
onward_application_unref (OnwardApplication *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * onward_application_get_id:
 * @self: an application
 *
 * Returns: (transfer none): its id in reverse DNS form, e.g. "org.example.Editor"
 */
const char *
onward_application_get_id (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->id;
}

/**
 * onward_application_get_name:
 * @self: an application
 *
 * Returns: (transfer none): its name for people, in their language where the file has it
 */
const char *
onward_application_get_name (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * onward_application_get_icon:
 * @self: an application
 *
 * Returns: (transfer none) (nullable): the name of its icon, or a path inside its tree
 */
const char *
onward_application_get_icon (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->icon;
}

/**
 * onward_application_get_command:
 * @self: an application
 *
 * Returns: (transfer none): the program inside its tree, a clean relative path
 */
const char *
onward_application_get_command (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->command;
}

/**
 * onward_application_get_repository:
 * @self: an application
 *
 * Returns: (transfer none): the URL of its repository, without a slash at its end
 */
const char *
onward_application_get_repository (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->repository;
}

/**
 * onward_application_get_channel:
 * @self: an application
 *
 * Returns: (transfer none): the channel that updates come from, "stable" by default
 */
const char *
onward_application_get_channel (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->channel;
}

/**
 * onward_application_get_layout:
 * @self: an application
 *
 * Returns: how its versions are laid out on disk
 */
OnwardLayout
onward_application_get_layout (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_LAYOUT_SIDE_BY_SIDE);

  return self->layout;
}

/**
 * onward_application_get_keep:
 * @self: an application
 *
 * Returns: (transfer none): globs of the files in a version folder that are carried over to the
 *   next; empty when there are none
 */
const char *const *
onward_application_get_keep (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->keep;
}

/**
 * onward_application_allows_http:
 * @self: an application
 *
 * Returns: whether plain http is allowed for addresses other than loopback ones
 */
gboolean
onward_application_allows_http (OnwardApplication *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->allow_http;
}
