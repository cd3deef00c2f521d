/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-exit.h"
#include "onward.h"

G_BEGIN_DECLS

/**
 * OnwardCommand:
 * @client: the client of the install
 * @cancellable: cancelled by an interrupt
 * @install: what --install says
 * @json: whether to report for scripts
 * @yes: whether to ask nothing
 * @to: the version to update to, or NULL for the newest
 * @retries: how many tries in a row may fail, or -1
 * @no_delta: whether to leave deltas out
 * @limit_rate: what --limit-rate says, or NULL
 * @rate_limit: how many bytes a second that is, or 0
 * @words: what is said beside the options
 * @metered: whether to use networks that may charge for data
 *
 * One run of the command line.
 */
typedef struct
{
  OnwardClient *client;      /* (owned) */
  GCancellable *cancellable; /* (owned) */
  char *install;             /* (owned) (nullable) */
  gboolean json;
  gboolean yes;
  char *to; /* (owned) (nullable) */
  int retries;
  gboolean no_delta;
  char *limit_rate; /* (owned) (nullable) */
  guint64 rate_limit;
  gboolean metered;
  char **words; /* (owned): what is said beside the options */

  GAsyncResult *result; /* (owned) (nullable): of the operation waited for */
} OnwardCommand;

/**
 * OnwardVerb:
 * @name: what the user types
 * @run: does it; an error is reported by the caller
 * @help: what it is for
 * @updates: whether it takes the options of an update
 * @words: (nullable): what it takes beside options, for its help
 * @fetches: whether it downloads something else, which can be given up as well
 *
 * One thing that the command line can do.
 */
typedef struct
{
  const char *name;
  OnwardExit (*run) (OnwardCommand *self, GError **error);
  const char *help;
  gboolean updates;
  const char *words;
  gboolean fetches;
} OnwardVerb;

OnwardExit    onward_command_run          (const OnwardVerb *verb, int argc, char **argv);
void          onward_command_take_result  (GObject *source, GAsyncResult *result, gpointer self);
GAsyncResult *onward_command_await        (OnwardCommand *self);
gboolean      onward_command_check        (OnwardCommand *self, GError **error);
gboolean      onward_command_describe     (OnwardCommand *self, GError **error);
void          onward_command_tell_lost    (OnwardCommand *self);

G_END_DECLS
