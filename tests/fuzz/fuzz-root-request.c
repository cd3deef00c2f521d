/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-root-draft.h"
#include "onward-root-request.h"

/* Whatever comes back from another computer as a signing request, nothing crashes, and what is
 * complete makes a root. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (OnwardRootRequest) request = onward_root_request_parse (bytes, NULL);
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (GBytes) root = NULL;

  if (request == NULL)
    return 0;
  lines = onward_root_draft_describe (onward_root_request_get_before (request),
                                      onward_root_request_get_next (request));
  g_assert_cmpuint (lines->len, >, 0);
  if (!onward_root_request_is_complete (request))
    return 0;
  root = onward_root_request_make_root (request, NULL);
  g_assert_nonnull (root);
  return 0;
}
