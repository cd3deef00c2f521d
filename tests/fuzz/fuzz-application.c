/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "onward-application.h"
#include "onward-file.h"

/* Whatever is taken for an onward.ini names a program inside the tree and a safe repository. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardApplication) application = NULL;
  const char *repository;

  application = onward_application_parse ((const char *) data, size, &error);
  g_assert_true ((application == NULL) == (error != NULL));
  if (application == NULL)
    return 0;

  repository = onward_application_get_repository (application);
  g_assert_true (g_str_has_prefix (repository, "https:") ||
                 g_str_has_prefix (repository, "file:") || g_str_has_prefix (repository, "http:"));
  g_assert_false (g_str_has_suffix (repository, "/"));
  g_assert_true (g_application_id_is_valid (onward_application_get_id (application)));
  g_assert_true (onward_file_is_clean_path (onward_application_get_command (application)));
  return 0;
}
