/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-mirror-list.h"

#include <string.h>

#include "onward-error.h"

/* As many as clients ask. */
#define MAX_MIRRORS 16

/**
 * onward_mirror_list_load:
 * @repository: a repository
 *
 * Returns: (transfer full): the addresses of its mirrors, in the order in which they are asked
 */
GStrv
onward_mirror_list_load (OnwardRepository *repository)
{
  g_autofree char *setting = onward_repository_dup_setting (repository, "Mirrors");
  g_auto (GStrv) words = g_strsplit (setting == NULL ? "" : setting, ";", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (char **word = words; *word != NULL; word++)
    if (*g_strstrip (*word) != '\0')
      g_strv_builder_add (builder, *word);
  return g_strv_builder_end (builder);
}

static void
save (OnwardRepository *repository, GPtrArray *addresses)
{
  g_autofree char *setting = NULL;

  g_ptr_array_add (addresses, NULL);
  setting = g_strjoinv (";", (char **) addresses->pdata);
  onward_repository_set_setting (repository, "Mirrors", setting);
}

static char *
normalize (const char *address, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_ENCODED, NULL);
  const char *scheme = uri == NULL ? "" : g_uri_get_scheme (uri);
  const char *host = uri == NULL ? NULL : g_uri_get_host (uri);
  gboolean has_host = host != NULL && *host != '\0';
  gboolean is_web = g_str_equal (scheme, "https") || g_str_equal (scheme, "http");
  gsize size = strlen (address);

  if ((is_web ? !has_host : has_host || !g_str_equal (scheme, "file")) ||
      strpbrk (address, "?#@;") != NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                   "Using “%s” as a mirror: it is no https, http or file address of a folder",
                   address);
      return NULL;
    }

  while (size > 0 && address[size - 1] == '/')
    size--;
  return g_strndup (address, size);
}

/* The mirrors without @address. */
static GPtrArray *
list_others (OnwardRepository *repository, const char *address, gboolean *ret_found)
{
  g_auto (GStrv) present = onward_mirror_list_load (repository);
  GPtrArray *others = g_ptr_array_new_with_free_func (g_free);

  *ret_found = g_strv_contains ((const char *const *) present, address);
  for (char **mirror = present; *mirror != NULL; mirror++)
    if (!g_str_equal (*mirror, address))
      g_ptr_array_add (others, g_strdup (*mirror));
  return others;
}

/**
 * onward_mirror_list_add:
 * @repository: a repository
 * @address: where the same files are handed out
 * @error: return location
 *
 * Adds a mirror as the last to be asked; clients know of it when the targets are signed again.
 *
 * Returns: %FALSE for what no client would ask
 */
gboolean
onward_mirror_list_add (OnwardRepository *repository, const char *address, GError **error)
{
  g_autofree char *mirror = normalize (address, error);
  g_autoptr (GPtrArray) mirrors = NULL;
  gboolean found;

  if (mirror == NULL)
    return FALSE;

  mirrors = list_others (repository, mirror, &found);
  if (mirrors->len >= MAX_MIRRORS)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                   "Adding the mirror “%s”: there are %d already, and clients ask no more", mirror,
                   MAX_MIRRORS);
      return FALSE;
    }

  g_ptr_array_add (mirrors, g_steal_pointer (&mirror));
  save (repository, mirrors);
  return TRUE;
}

/**
 * onward_mirror_list_remove:
 * @repository: a repository
 * @address: a mirror
 * @error: return location
 *
 * Removes a mirror; clients forget it when the targets are signed again.
 */
gboolean
onward_mirror_list_remove (OnwardRepository *repository, const char *address, GError **error)
{
  g_autofree char *mirror = normalize (address, error);
  g_autoptr (GPtrArray) mirrors = NULL;
  gboolean found;

  if (mirror == NULL)
    return FALSE;

  mirrors = list_others (repository, mirror, &found);
  if (found)
    {
      save (repository, mirrors);
      return TRUE;
    }

  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_FOUND,
               "Removing the mirror “%s”: there is none of that address", mirror);
  return FALSE;
}

/**
 * onward_mirror_list_sign:
 * @repository: a repository
 * @content: the signed part of new targets
 *
 * Puts the mirrors where clients look for them.
 */
void
onward_mirror_list_sign (OnwardRepository *repository, JsonObject *content)
{
  g_auto (GStrv) mirrors = onward_mirror_list_load (repository);
  JsonArray *list;

  if (*mirrors == NULL)
    return;

  list = json_array_new ();
  for (char **mirror = mirrors; *mirror != NULL; mirror++)
    json_array_add_string_element (list, *mirror);
  json_object_set_array_member (content, "x-mirrors", list);
}
