/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-release-document.h"

/* A document that is read can be written, read again and written the same. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (OnwardReleaseDocument) document = onward_release_document_parse (bytes, NULL);
  g_autoptr (OnwardReleaseDocument) again = NULL;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GError) error = NULL;

  if (document == NULL)
    return 0;

  first = onward_release_document_serialize (document);
  again = onward_release_document_parse (first, &error);
  g_assert_no_error (error);
  second = onward_release_document_serialize (again);
  g_assert_true (g_bytes_equal (first, second));
  return 0;
}
