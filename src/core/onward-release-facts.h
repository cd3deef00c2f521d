/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "onward-release.h"
#include "onward-texts.h"

G_BEGIN_DECLS

/**
 * OnwardReleaseFacts:
 * @version: Semantic Versioning 2.0.0
 * @sequence: the place in the order of releases
 * @channel: a plain name
 * @platform: a plain name
 * @date: a date or a moment, by onward_date_parse()
 * @severity: how urgent it is
 * @is_withdrawn: whether the publisher took it back
 * @minimum: (nullable): the version below which the application must not go on
 * @reason: (nullable): why
 * @grace_days: how long it may go on anyway when no update works
 * @rollout_start: (nullable): a date or a moment
 * @rollout_start_seconds: the same in seconds since 1970
 * @rollout_days: over how many days it comes to be offered to everyone
 * @components: plain names
 * @on_demand: plain names: those of @components that come only to who asks for them
 * @requires: plain names
 *
 * What targets.json and a release document both say of a release. Everything is owned.
 */
typedef struct
{
  char *version;
  gint64 sequence;
  char *channel;
  char *platform;
  char *date;
  OnwardSeverity severity;
  gboolean is_withdrawn;

  char *minimum;
  OnwardTexts *reason;
  guint grace_days;

  char *rollout_start;
  gint64 rollout_start_seconds;
  guint rollout_days;

  char **components;
  char **on_demand;
  char **requires;
} OnwardReleaseFacts;

gboolean    onward_release_facts_read    (OnwardReleaseFacts *facts, JsonObject *object,
                                          GError **error);
JsonObject *onward_release_facts_to_json (const OnwardReleaseFacts *facts);
void        onward_release_facts_clear   (OnwardReleaseFacts *facts);

G_END_DECLS
