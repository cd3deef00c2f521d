/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-json-guard.h"

#include <string.h>

#include "onward-error.h"

#define MAX_DEPTH     16
#define MAX_INTEGER   G_GINT64_CONSTANT (9007199254740991)
#define MAX_NAME_SIZE 4096
/* The block digests of a 64 GiB pack are one string of 2.7 MiB. */
#define MAX_STRING_SIZE (4u * 1024 * 1024)
/* JsonObject finds members by a hash that colliding names can slow down: few names, few pairs. */
#define MAX_MEMBERS 10000u
#define MAX_VALUES  500000u

typedef struct
{
  GPtrArray *names; /* (owned) (nullable): the unescaped members; NULL in an array */
  gboolean is_started;
} Frame;

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  GError **error;
  guint n_values;
  guint depth;
  Frame frames[MAX_DEPTH];
} Guard;

static void
guard_clear (Guard *self)
{
  for (guint i = 0; i < self->depth; i++)
    g_clear_pointer (&self->frames[i].names, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Guard, guard_clear)

static gboolean
refuse (Guard *self, const char *why)
{
  g_set_error (self->error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "JSON at byte %zu: %s",
               (gsize) (self->at - self->start), why);
  return FALSE;
}

static char
peek (const Guard *self)
{
  return self->at < self->end ? *self->at : '\0';
}

static gboolean
take (Guard *self, char c)
{
  if (peek (self) != c)
    return FALSE;

  self->at++;
  return TRUE;
}

static void
skip_space (Guard *self)
{
  while (self->at < self->end && strchr (" \t\n\r", *self->at) != NULL)
    self->at++;
}

static gboolean
read_code_unit (Guard *self, gunichar *ret_unit)
{
  gunichar unit = 0;

  if (self->end - self->at < 4)
    return refuse (self, "an escape is cut off");

  for (int i = 0; i < 4; i++)
    {
      int value = g_ascii_xdigit_value (self->at[i]);

      if (value < 0)
        return refuse (self, "an escape lacks its four hexadecimal digits");
      unit = unit << 4 | (gunichar) value;
    }

  self->at += 4;
  *ret_unit = unit;
  return TRUE;
}

/* Reads what follows “\u”; both halves of a surrogate pair at once. */
static gboolean
read_unicode_escape (Guard *self, gunichar *ret_char)
{
  gunichar high, low;

  if (!read_code_unit (self, &high))
    return FALSE;
  if (high == 0)
    return refuse (self, "U+0000 is not allowed");
  if (high < 0xd800 || high > 0xdfff)
    {
      *ret_char = high;
      return TRUE;
    }

  if (high > 0xdbff || !take (self, '\\') || !take (self, 'u'))
    return refuse (self, "a surrogate stands alone");
  if (!read_code_unit (self, &low))
    return FALSE;
  if (low < 0xdc00 || low > 0xdfff)
    return refuse (self, "a surrogate stands alone");

  *ret_char = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  return TRUE;
}

/* Reads what follows a backslash and appends what it stands for to @text, if there is one. */
static gboolean
check_escape (Guard *self, GString *text)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *escape;
  gunichar c;

  if (take (self, 'u'))
    {
      if (!read_unicode_escape (self, &c))
        return FALSE;
    }
  else
    {
      escape = peek (self) != '\0' ? strchr (escapes, *self->at) : NULL;
      if (escape == NULL)
        return refuse (self, "this escape does not exist");
      c = (gunichar) meanings[escape - escapes];
      self->at++;
    }

  if (text != NULL)
    g_string_append_unichar (text, c);
  return TRUE;
}

/* Checks a string; @text receives what it means, unless NULL. */
static gboolean
check_string (Guard *self, gsize max_size, GString *text)
{
  const char *start = self->at;

  if (!take (self, '"'))
    return refuse (self, "a string was expected");

  while (!take (self, '"'))
    {
      if (self->at == self->end)
        return refuse (self, "a string does not end");
      if ((gsize) (self->at - start) > max_size)
        return refuse (self, "a string is too long");
      if ((guchar) *self->at < 0x20)
        return refuse (self, "a control character must be escaped");

      if (take (self, '\\'))
        {
          if (!check_escape (self, text))
            return FALSE;
          continue;
        }

      if (text != NULL)
        g_string_append_c (text, *self->at);
      self->at++;
    }
  return TRUE;
}

static gboolean
check_number (Guard *self)
{
  gboolean is_negative = take (self, '-');
  const char *digits = self->at;
  gint64 value = 0;

  while (g_ascii_isdigit (peek (self)))
    {
      value = value * 10 + (*self->at - '0');
      if (value > MAX_INTEGER)
        return refuse (self, "an integer is beyond ±(2^53 - 1)");
      self->at++;
    }

  if (self->at == digits)
    return refuse (self, "a number lacks its digits");
  if (*digits == '0' && (self->at - digits > 1 || is_negative))
    return refuse (self, "an integer begins with 0");
  if (peek (self) == '.' || peek (self) == 'e' || peek (self) == 'E')
    return refuse (self, "only integers are allowed");
  return TRUE;
}

static gboolean
check_literal (Guard *self)
{
  static const char *const literals[] = { "true", "false", "null" };

  for (gsize i = 0; i < G_N_ELEMENTS (literals); i++)
    {
      gsize length = strlen (literals[i]);

      if ((gsize) (self->end - self->at) >= length && memcmp (self->at, literals[i], length) == 0)
        {
          self->at += length;
          return TRUE;
        }
    }
  return refuse (self, "a value was expected");
}

static gboolean
enter (Guard *self, gboolean is_object)
{
  Frame *frame;

  if (self->depth == MAX_DEPTH)
    return refuse (self, "nested too deeply");

  self->at++;
  frame = &self->frames[self->depth++];
  frame->names = is_object ? g_ptr_array_new_with_free_func (g_free) : NULL;
  frame->is_started = FALSE;
  return TRUE;
}

static gboolean
check_value (Guard *self)
{
  if (++self->n_values > MAX_VALUES)
    return refuse (self, "too many values");

  switch (peek (self))
    {
    case '{':
      return enter (self, TRUE);
    case '[':
      return enter (self, FALSE);
    case '"':
      return check_string (self, MAX_STRING_SIZE, NULL);
    case '-':
      return check_number (self);
    default:
      return g_ascii_isdigit (peek (self)) ? check_number (self) : check_literal (self);
    }
}

/* Checks a member's name and its colon, and keeps the name for the comparison at the end. */
static gboolean
check_name (Guard *self, GPtrArray *names)
{
  g_autoptr (GString) name = g_string_new (NULL);

  if (names->len == MAX_MEMBERS)
    return refuse (self, "an object has too many members");
  if (!check_string (self, MAX_NAME_SIZE, name))
    return FALSE;

  g_ptr_array_add (names, g_string_free (g_steal_pointer (&name), FALSE));
  skip_space (self);
  if (!take (self, ':'))
    return refuse (self, "a colon was expected");

  skip_space (self);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, equal names are neighbours; a hash table would be slowed down by chosen names. */
static gboolean
check_names_differ (Guard *self, GPtrArray *names)
{
  g_ptr_array_sort (names, compare_names);
  for (guint i = 1; i < names->len; i++)
    if (g_str_equal (names->pdata[i - 1], names->pdata[i]))
      return refuse (self, "an object has two members of one name");
  return TRUE;
}

static gboolean
leave (Guard *self)
{
  Frame *frame = &self->frames[self->depth - 1];

  if (frame->names != NULL && !check_names_differ (self, frame->names))
    return FALSE;

  g_clear_pointer (&frame->names, g_ptr_array_unref);
  self->depth--;
  return TRUE;
}

/* Checks one member, one element, or the end of what is innermost. */
static gboolean
check_step (Guard *self)
{
  Frame *frame = &self->frames[self->depth - 1];

  skip_space (self);
  if (take (self, frame->names != NULL ? '}' : ']'))
    return leave (self);

  if (frame->is_started && !take (self, ','))
    return refuse (self, "a comma or a closing bracket was expected");

  frame->is_started = TRUE;
  skip_space (self);
  if (frame->names != NULL && !check_name (self, frame->names))
    return FALSE;
  return check_value (self);
}

/**
 * onward_json_guard_check:
 * @text: (array length=size): bytes from anywhere
 * @size: how many
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Checks that bytes are one JSON object of the strict kind that all Onward documents are: valid
 * UTF-8 without a byte order mark; at most 16 levels deep; no two members of one name after
 * unescaping; integers only, within ±(2^53 − 1) and without leading zeros; names of at most
 * 4 KiB and strings of at most 4 MiB; no U+0000, lone surrogate or raw control character; at
 * most 10,000 members an object and 500,000 values; and nothing after the object.
 *
 * json-glib takes much else and can be crashed by deep nesting, so bytes that are not yet
 * verified meet this check first. It needs no recursion and little memory.
 *
 * Returns: whether @text is such a document
 */
gboolean
onward_json_guard_check (const char *text, gsize size, GError **error)
{
  g_auto (Guard) self = { .start = text, .at = text, .error = error };

  g_return_val_if_fail (text != NULL || size == 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (size == 0)
    return refuse (&self, "the document is empty");
  self.end = text + size;
  if (!g_utf8_validate_len (text, size, &self.at))
    return refuse (&self, "not valid UTF-8");

  self.at = text;
  skip_space (&self);
  if (peek (&self) != '{')
    return refuse (&self, "a document must be an object");
  if (!enter (&self, TRUE))
    return FALSE;

  while (self.depth > 0)
    if (!check_step (&self))
      return FALSE;

  skip_space (&self);
  return self.at == self.end || refuse (&self, "something follows the document");
}

/**
 * onward_json_guard_parse:
 * @bytes: bytes from anywhere
 * @max_size: the most bytes a document of this sort may have
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Parses a document that passes onward_json_guard_check() and is not larger than @max_size.
 *
 * Returns: (transfer full): its root, an object; or %NULL
 */
JsonNode *
onward_json_guard_parse (GBytes *bytes, gsize max_size, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local_error = NULL;
  const char *text;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  text = g_bytes_get_data (bytes, &size);
  if (size > max_size)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED,
                   "JSON of %zu bytes is larger than the %zu allowed", size, max_size);
      return NULL;
    }
  if (!onward_json_guard_check (text, size, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, (gssize) size, &local_error))
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Parsing JSON: %s",
                   local_error->message);
      return NULL;
    }
  return json_parser_steal_root (parser);
}
