/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-error.h"
#include "onward-frame-codec.h"
#include "onward-pack-change.h"
#include "onward-pack-envelope.h"

#define MAGIC "OnwPack"
/* A whole head, and one that only says what changes. */
#define VERSION_WHOLE  1
#define VERSION_CHANGE 2

/* The prefix, in the file. All numbers of a pack are little-endian. */
typedef struct
{
  char magic[8];
  guint32 version;
  guint32 method;
  guint32 size;
  guint32 stored_size;
} PrefixOnDisk;

G_STATIC_ASSERT (sizeof (PrefixOnDisk) == ONWARD_PACK_ENVELOPE_PREFIX);

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "Reading a pack's head: %s", why);
  return FALSE;
}

static gboolean
append_to_array (gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static gboolean
check_prefix (const PrefixOnDisk *prefix, gsize size, GError **error)
{
  guint32 version = GUINT32_FROM_LE (prefix->version);
  guint32 method = GUINT32_FROM_LE (prefix->method);

  if (memcmp (prefix->magic, MAGIC, sizeof prefix->magic) != 0)
    return refuse (error, "Not a pack");
  if (version < VERSION_WHOLE || version > VERSION_CHANGE || method > ONWARD_FRAME_ZSTD)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                   "Reading a pack's head: It has version %u.%u, this program knows version %u",
                   version, method, VERSION_CHANGE);
      return FALSE;
    }
  if (GUINT32_FROM_LE (prefix->size) > ONWARD_PACK_ENVELOPE_MAX_SIZE ||
      GUINT32_FROM_LE (prefix->stored_size) > ONWARD_PACK_ENVELOPE_MAX_SIZE)
    return refuse (error, "Too large");
  if (GUINT32_FROM_LE (prefix->stored_size) != size - sizeof *prefix)
    return refuse (error, "Not of the promised size");
  return TRUE;
}

static const GVariantType *
get_type (guint32 version)
{
  return version == VERSION_CHANGE ? G_VARIANT_TYPE (ONWARD_PACK_CHANGE_TYPE)
                                   : G_VARIANT_TYPE (ONWARD_PACK_ENVELOPE_TYPE);
}

/**
 * onward_pack_envelope_unwrap:
 * @bytes: exactly one head; hostile bytes do no harm
 * @error: return location for an error
 *
 * Takes the outer layer off a head. A version this program does not know is
 * %ONWARD_ERROR_UNSUPPORTED_FORMAT, anything else that is wrong %ONWARD_ERROR_MALFORMED.
 *
 * Returns: (transfer full): what it says, of type %ONWARD_PACK_ENVELOPE_TYPE or
 *   %ONWARD_PACK_CHANGE_TYPE, in normal form and in the machine's byte order
 */
GVariant *
onward_pack_envelope_unwrap (GBytes *bytes, GError **error)
{
  PrefixOnDisk prefix;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GByteArray) content = g_byte_array_new ();
  g_autoptr (GBytes) serialized = NULL;
  g_autoptr (GVariant) variant = NULL;

  if (size < sizeof prefix)
    {
      (void) refuse (error, "Cut off");
      return NULL;
    }
  memcpy (&prefix, data, sizeof prefix);
  if (!check_prefix (&prefix, size, error))
    return NULL;

  stored = g_bytes_new_from_bytes (bytes, sizeof prefix, size - sizeof prefix);
  if (!onward_frame_codec_decode (GUINT32_FROM_LE (prefix.method), &(OnwardDeltaInput){ stored },
                                  GUINT32_FROM_LE (prefix.size), append_to_array, content, NULL,
                                  error))
    {
      g_prefix_error_literal (error, "Reading a pack's head: ");
      return NULL;
    }

  serialized = g_byte_array_free_to_bytes (g_steal_pointer (&content));
  variant = g_variant_ref_sink (
      g_variant_new_from_bytes (get_type (GUINT32_FROM_LE (prefix.version)), serialized, FALSE));
  if (!g_variant_is_normal_form (variant))
    {
      (void) refuse (error, "Not in normal form");
      return NULL;
    }
  return G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (variant) : g_steal_pointer (&variant);
}

/* What is changed only is mostly compressed already. */
static gboolean
compress (GBytes *content, GByteArray *head, guint32 *ret_method, GError **error)
{
  guint start = head->len;

  if (!onward_frame_codec_encode (ONWARD_FRAME_LZMA2, &(OnwardDeltaInput){ content },
                                  append_to_array, head, NULL, error))
    return FALSE;

  *ret_method = ONWARD_FRAME_LZMA2;
  if (head->len - start < g_bytes_get_size (content))
    return TRUE;

  *ret_method = ONWARD_FRAME_STORED;
  g_byte_array_set_size (head, start);
  return append_to_array (g_bytes_get_data (content, NULL), g_bytes_get_size (content), head,
                          error);
}

/**
 * onward_pack_envelope_wrap:
 * @variant: (transfer floating): of type %ONWARD_PACK_ENVELOPE_TYPE or %ONWARD_PACK_CHANGE_TYPE, in
 *   the machine's byte order
 * @error: return location for an error
 *
 * Serializes and compresses what a head says. Equal variants give equal bytes.
 *
 * Returns: (transfer full): the head
 */
GBytes *
onward_pack_envelope_wrap (GVariant *variant, GError **error)
{
  g_autoptr (GVariant) native = g_variant_ref_sink (variant);
  g_autoptr (GVariant) swapped =
      G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (native) : g_variant_ref (native);
  g_autoptr (GBytes) content = g_variant_get_data_as_bytes (swapped);
  g_autoptr (GByteArray) head = g_byte_array_new ();
  gboolean is_change = g_variant_is_of_type (native, G_VARIANT_TYPE (ONWARD_PACK_CHANGE_TYPE));
  PrefixOnDisk prefix = { .magic = MAGIC };
  guint32 method;

  if (g_bytes_get_size (content) > ONWARD_PACK_ENVELOPE_MAX_SIZE)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_FAILED,
                           "Writing a pack's head: Too many files");
      return NULL;
    }

  g_byte_array_append (head, (const guint8 *) &prefix, sizeof prefix);
  if (!compress (content, head, &method, error))
    return NULL;

  prefix.version = GUINT32_TO_LE (is_change ? VERSION_CHANGE : VERSION_WHOLE);
  prefix.method = GUINT32_TO_LE (method);
  prefix.size = GUINT32_TO_LE ((guint32) g_bytes_get_size (content));
  prefix.stored_size = GUINT32_TO_LE (head->len - (guint32) sizeof prefix);
  memcpy (head->data, &prefix, sizeof prefix);
  return g_byte_array_free_to_bytes (g_steal_pointer (&head));
}
