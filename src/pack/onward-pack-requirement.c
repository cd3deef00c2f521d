/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <lzma.h>

#include "onward-deflate.h"
#include "onward-delta.h"
#include "onward-pack-head.h"
#include "onward-pack-requirement.h"
#include "onward-redeflate-proof.h"

/* "zlib-6": deflating at level 6 gives here what it gives with zlib itself. */
#define PREFIX "zlib-"
/* Frames of %ONWARD_FRAME_LZMA2_ARM64 can be read. */
#define ARM64 "lzma-arm64"
/* Deflating as GNU gzip does, for which nothing else is needed. */
#define GNU "gzip"

/**
 * onward_pack_requirement_list:
 * @levels: of onward_delta_apply_get_levels(), of all deltas
 * @methods: methods of frames: bit n is method n
 *
 * Returns: (transfer full): the names of what a client must be able to do
 */
GStrv
onward_pack_requirement_list (guint levels, guint methods)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if ((levels & ONWARD_DELTA_LEVEL_GNU) != 0)
    g_strv_builder_add (names, GNU);
  for (guint level = 1; level <= ONWARD_DEFLATE_MAX_LEVEL; level++)
    {
      g_autofree char *name = g_strdup_printf (PREFIX "%u", level);

      if ((levels & 1u << level) != 0)
        g_strv_builder_add (names, name);
    }
  if ((methods & 1u << ONWARD_FRAME_LZMA2_ARM64) != 0)
    g_strv_builder_add (names, ARM64);
  return g_strv_builder_end (names);
}

static gboolean
check_name (const char *name)
{
  guint64 level;

  if (g_str_equal (name, ARM64))
    return lzma_filter_decoder_is_supported (LZMA_FILTER_ARM64);
  if (g_str_equal (name, GNU))
    return TRUE;
  return g_str_has_prefix (name, PREFIX) &&
         g_ascii_string_to_unsigned (name + strlen (PREFIX), 10, 1, ONWARD_DEFLATE_MAX_LEVEL,
                                     &level, NULL) &&
         onward_redeflate_proof_run ((guint) level);
}

/**
 * onward_pack_requirement_check:
 * @info: a pack's description
 *
 * Finds out whether this computer can unpack a pack before a byte of it is fetched. What is not
 * known cannot be done. Blocking, for some thousandths of a second a name.
 *
 * Returns: whether it can
 */
gboolean
onward_pack_requirement_check (OnwardPackInfo *info)
{
  const char *const *names = onward_pack_info_get_requirements (info);

  for (gsize i = 0; names[i] != NULL; i++)
    if (!check_name (names[i]))
      return FALSE;
  return TRUE;
}
