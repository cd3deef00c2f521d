/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-pack-location.h"

/**
 * onward_pack_location_compare:
 * @a: an #OnwardPackLocation
 * @b: another
 *
 * Orders locations by digest, the order they have in a pack.
 *
 * Returns: less than, equal to or more than 0
 */
int
onward_pack_location_compare (gconstpointer a, gconstpointer b)
{
  const OnwardPackLocation *left = a;
  const OnwardPackLocation *right = b;

  return memcmp (&left->digest, &right->digest, sizeof left->digest);
}
