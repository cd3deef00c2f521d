/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-verb-table.h"

/**
 * onward_verb_table_find:
 * @table: (array zero-terminated=1): verbs
 * @name: (nullable): what was asked for
 *
 * Returns: (nullable): the verb of that name
 */
const OnwardVerbTable *
onward_verb_table_find (const OnwardVerbTable *table, const char *name)
{
  for (const OnwardVerbTable *row = table; row->name != NULL; row++)
    {
      if (g_strcmp0 (row->name, name) == 0)
        return row;
    }
  return NULL;
}

/**
 * onward_verb_table_print:
 * @table: (array zero-terminated=1): verbs
 * @stream: where to
 *
 * Lists the verbs and what they do, a line each.
 */
void
onward_verb_table_print (const OnwardVerbTable *table, FILE *stream)
{
  for (const OnwardVerbTable *row = table; row->name != NULL; row++)
    fprintf (stream, "  %-9s %s\n", row->name, row->help);
}
