/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-date.h"
#include "onward-expiry.h"
#include "onward-json.h"

#define SECONDS_PER_DAY (24 * 60 * 60)
#define MAX_DAYS        3650

/* Where the online keys refresh by themselves the timestamp is a short one: it is what tells
 * clients that nobody keeps news from them. */
/* clang-format off */
static const struct
{
  const char *role;
  const char *setting;
  int days;
  int split_days;
  int notice;
} lifetimes[] = {
  { "root",      "RootDays",      3 * 365, 3 * 365, 180 },
  { "targets",   "TargetsDays",   365,     365,     90 },
  { "snapshot",  "SnapshotDays",  365,     365,     90 },
  { "timestamp", "TimestampDays", 180,     14,      90 },
};
/* clang-format on */

static guint
find (const char *role)
{
  for (guint i = 0; i < G_N_ELEMENTS (lifetimes); i++)
    {
      if (g_str_equal (lifetimes[i].role, role))
        return i;
    }
  g_return_val_if_reached (0);
}

/**
 * onward_expiry_get_days:
 * @repository: a repository
 * @role: root, targets, snapshot or timestamp
 *
 * Returns: for how many days what is signed for the role is to hold: what publish.ini says, or what
 *   suits the way the keys are kept
 */
int
onward_expiry_get_days (OnwardRepository *repository, const char *role)
{
  guint index = find (role);
  g_autofree char *setting = onward_repository_dup_setting (repository, lifetimes[index].setting);
  guint64 days;

  if (setting != NULL && g_ascii_string_to_unsigned (setting, 10, 1, MAX_DAYS, &days, NULL))
    return (int) days;
  return onward_repository_is_split (repository) ? lifetimes[index].split_days
                                                 : lifetimes[index].days;
}

/**
 * onward_expiry_get_notice:
 * @repository: a repository
 * @role: root, targets, snapshot or timestamp
 *
 * Returns: how many days ahead what expires is to be signed anew
 */
int
onward_expiry_get_notice (OnwardRepository *repository, const char *role)
{
  return MIN (lifetimes[find (role)].notice, onward_expiry_get_days (repository, role) / 4);
}

/**
 * onward_expiry_format:
 * @days: how long something is to hold
 *
 * Returns: (transfer full): until when, as metadata says it
 */
char *
onward_expiry_format (int days)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_days (now, days);

  return g_date_time_format (then, "%Y-%m-%dT%H:%M:%SZ");
}

/**
 * onward_expiry_read:
 * @content: the signed part of a document
 * @ret_seconds: (out): when it expires, seconds since 1970
 * @error: return location
 *
 * Reads when a document expires.
 */
gboolean
onward_expiry_read (JsonObject *content, gint64 *ret_seconds, GError **error)
{
  const char *expires;

  return onward_json_get_string (content, "expires", &expires, error) &&
         onward_date_parse (expires, ret_seconds, error);
}

/**
 * onward_expiry_is_soon:
 * @repository: a repository
 * @role: root, targets, snapshot or timestamp
 * @ret_soon: (out): whether it has expired, or is about to
 * @error: return location
 *
 * Tells whether what clients have of a role is to be signed anew.
 */
gboolean
onward_expiry_is_soon (OnwardRepository *repository, const char *role, gboolean *ret_soon,
                       GError **error)
{
  g_autoptr (JsonObject) content = onward_repository_load_role (repository, role, error);
  gint64 notice = onward_expiry_get_notice (repository, role);
  gint64 seconds;

  if (content == NULL || !onward_expiry_read (content, &seconds, error))
    return FALSE;

  *ret_soon = seconds - g_get_real_time () / G_USEC_PER_SEC < notice * SECONDS_PER_DAY;
  return TRUE;
}
