/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>

#include "onward-test-forbid.h"
#include "update-fixture.h"

#define MIX "FALLBACKS_MIX"

/* What a kernel, a file system or a sandbox may not let us have. */
static const struct
{
  int call;
  guint argument;
  guint32 bits;
  int reason;
} luxuries[] = {
  { SYS_openat2, 0, 0, EPERM },
  { SYS_renameat2, 0, 0, EPERM },
  { SYS_openat, 2, O_TMPFILE, EOPNOTSUPP },
};

static void
forbid (guint mix)
{
  onward_test_forbid (SYS_copy_file_range, 0, 0, ENOSYS);
  for (guint i = 0; i < G_N_ELEMENTS (luxuries); i++)
    if ((mix & 1u << i) != 0)
      onward_test_forbid (luxuries[i].call, luxuries[i].argument, luxuries[i].bits,
                          luxuries[i].reason);
}

/* Whatever is missing, an update is built from a delta and over a damaged copy of itself. */
static void
test_every_mix (Update *self, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      forbid ((guint) g_ascii_strtoull (g_getenv (MIX), NULL, 10));
      update_assert_builds (self, self->delta, "2.0.0");
      update_assert_updated (self);
      update_damage (self, "versions/2.0.0/lib/large.so");
      update_assert_builds (self, self->new, "2.0.0");
      update_assert_version (self, "2.0.0", self->new_folder);
      return;
    }

  for (guint mix = 1; mix < 1u << G_N_ELEMENTS (luxuries); mix++)
    {
      g_autofree char *text = g_strdup_printf ("%u", mix);

      g_setenv (MIX, text, TRUE);
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
    }
}

int
main (int argc, char **argv)
{
  static const UpdateTest tests[] = { { "/fallbacks/every-mix", test_every_mix } };

  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
