/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-texts.h"

#include <string.h>

#include "onward-error.h"
#include "onward-json.h"

#define MAX_LANGUAGES       100
#define MAX_LANGUAGE_LENGTH 32

struct _OnwardTexts
{
  GTree *texts; /* (owned): language → text, sorted so that any fallback is always the same */
};

static int
compare_languages (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static gboolean
is_language (const char *text)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_@-");

  return length > 0 && length <= MAX_LANGUAGE_LENGTH && text[length] == '\0';
}

static gboolean
add_text (OnwardTexts *self, JsonObject *object, const char *language, gsize max_size,
          GError **error)
{
  const char *text;

  if (!is_language (language))
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Reading texts: a language's name breaks the rules");
      return FALSE;
    }
  if (!onward_json_get_string (object, language, &text, error))
    return FALSE;
  if (strlen (text) > max_size)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "Reading texts: “%s” is longer than %zu bytes", language, max_size);
      return FALSE;
    }

  g_tree_insert (self->texts, g_strdup (language), g_strdup (text));
  return TRUE;
}

/**
 * onward_texts_new_from_json:
 * @object: language → text
 * @max_size: the most bytes one text may have
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: (transfer full): the texts, or %NULL
 */
OnwardTexts *
onward_texts_new_from_json (JsonObject *object, gsize max_size, GError **error)
{
  g_autoptr (OnwardTexts) self = NULL;
  g_autoptr (GList) languages = NULL;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (json_object_get_size (object) > MAX_LANGUAGES)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                           "Reading texts: too many languages");
      return NULL;
    }

  self = g_atomic_rc_box_new0 (OnwardTexts);
  self->texts = g_tree_new_full (compare_languages, NULL, g_free, g_free);
  languages = json_object_get_members (object);
  for (GList *l = languages; l != NULL; l = l->next)
    if (!add_text (self, object, l->data, max_size, error))
      return NULL;

  return g_steal_pointer (&self);
}

static gboolean
add_member (gpointer language, gpointer text, gpointer object)
{
  json_object_set_string_member (object, language, text);
  return FALSE;
}

/**
 * onward_texts_to_json:
 * @self: some texts
 *
 * Returns: (transfer full): language → text
 */
JsonObject *
onward_texts_to_json (OnwardTexts *self)
{
  JsonObject *object;

  g_return_val_if_fail (self != NULL, NULL);

  object = json_object_new ();
  g_tree_foreach (self->texts, add_member, object);
  return object;
}

/**
 * onward_texts_ref:
 * @self: some texts
 *
 * Returns: (transfer full): @self
 */
OnwardTexts *
onward_texts_ref (OnwardTexts *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
texts_clear (gpointer data)
{
  OnwardTexts *self = data;

  g_clear_pointer (&self->texts, g_tree_unref);
}

/**
 * onward_texts_unref:
 * @self: (transfer full): some texts
 */
void
onward_texts_unref (OnwardTexts *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, texts_clear);
}

/**
 * onward_texts_lookup:
 * @self: some texts
 * @languages: (nullable) (array zero-terminated=1): what the reader prefers, best first, as
 *   g_get_language_names() tells
 *
 * Finds the text to show: in the first of @languages that exists, else in English, else the one
 * for any language, else the first by name. The "C" that ends every list of languages does not
 * outrank English.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL when there is none at all
 */
const char *
onward_texts_lookup (OnwardTexts *self, const char *const *languages)
{
  static const char *const fallbacks[] = { "en", "C" };
  const char *text = NULL;
  GTreeNode *first;

  g_return_val_if_fail (self != NULL, NULL);

  for (gsize i = 0; text == NULL && languages != NULL && languages[i] != NULL; i++)
    if (!g_str_equal (languages[i], "C"))
      text = g_tree_lookup (self->texts, languages[i]);
  for (gsize i = 0; text == NULL && i < G_N_ELEMENTS (fallbacks); i++)
    text = g_tree_lookup (self->texts, fallbacks[i]);
  if (text != NULL)
    return text;

  first = g_tree_node_first (self->texts);
  return first != NULL ? g_tree_node_value (first) : NULL;
}
