/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-exit.h"

#include <gio/gio.h>
#include <stdio.h>

G_BEGIN_DECLS

/* What a verb of onward-publish is: @argv[0] is its name. */
typedef OnwardExit (*OnwardVerb) (int argc, char **argv, GError **error);

/**
 * OnwardVerbTable:
 * @name: the verb; %NULL ends the table
 * @verb: what it does
 * @help: what it does, for people
 *
 * A row of a table of verbs.
 */
typedef struct
{
  const char *name;
  OnwardVerb verb;
  const char *help;
} OnwardVerbTable;

const OnwardVerbTable *onward_verb_table_find  (const OnwardVerbTable *table, const char *name);
void                   onward_verb_table_print (const OnwardVerbTable *table, FILE *stream);

G_END_DECLS
