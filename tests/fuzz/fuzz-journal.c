/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <string.h>

#include "onward-journal-contents.h"

static void
check (const char *text, gsize size)
{
  g_autoptr (OnwardJournalContents) contents = onward_journal_contents_parse (text, size);
  g_autoptr (OnwardJournalContents) again = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (contents == NULL)
    return;

  first = onward_journal_contents_serialize (contents);
  again = onward_journal_contents_parse (first, strlen (first));
  g_assert_nonnull (again);
  second = onward_journal_contents_serialize (again);
  g_assert_cmpstr (first, ==, second);
}

/* What is read can be written and is then the same; the input is tried as it is, and under a right
 * checksum, which no fuzzer guesses. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *whole = g_strconcat ("[Onward]\n", text, NULL);
  g_autofree char *sealed = onward_journal_contents_seal (whole);

  check ((const char *) data, size);
  check (sealed, strlen (sealed));
  return 0;
}
