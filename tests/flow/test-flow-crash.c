/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include <glib/gstdio.h>

#include "flow-fixture.h"
#include "onward-error.h"

#define SIZE 100000

/* What is on the disk besides the old version. */
typedef enum
{
  DISK_OLD = 0,
  DISK_FOLDER = 1 << 0,
  DISK_RECEIPT = 1 << 1,
  DISK_STAGED = DISK_FOLDER | DISK_RECEIPT,
  DISK_TRIAL = 1 << 2,
  DISK_SWITCHED = 1 << 3,
  DISK_REVERTED = 1 << 4,
  DISK_STUCK = 1 << 5,
} Disk;

typedef struct
{
  OnwardState recorded;
  const char *release;
  Disk disk;
  OnwardState expected;
  gboolean interrupted;
} Case;

/* clang-format off */
static const Case cases[] = {
  { ONWARD_STATE_IDLE,         NULL,    DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_CHECKING,     NULL,    DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_AVAILABLE,    "1.1.0", DISK_OLD,                    ONWARD_STATE_AVAILABLE, FALSE },
  { ONWARD_STATE_AVAILABLE,    NULL,    DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_AVAILABLE,    "9.9.9", DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_DOWNLOADING,  "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_DOWNLOADING,  NULL,    DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_DOWNLOADING,  "1.0.0", DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_PAUSED,       "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    FALSE },
  { ONWARD_STATE_PAUSED,       "9.9.9", DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_OFFLINE,      "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_RECONNECTING, "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_VERIFYING,    "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_STAGING,      "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_STAGING,      "1.1.0", DISK_RECEIPT,                ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_STAGING,      "1.1.0", DISK_STAGED,                 ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_READY,        "1.1.0", DISK_STAGED,                 ONWARD_STATE_READY,     FALSE },
  { ONWARD_STATE_READY,        "1.1.0", DISK_FOLDER,                 ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_READY,        "1.1.0", DISK_RECEIPT,                ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_READY,        "1.1.0", DISK_OLD,                    ONWARD_STATE_PAUSED,    TRUE  },
  { ONWARD_STATE_READY,        NULL,    DISK_STAGED,                 ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLYING,     "1.1.0", DISK_STAGED,                 ONWARD_STATE_READY,     FALSE },
  { ONWARD_STATE_APPLYING,     "1.1.0", DISK_STAGED | DISK_TRIAL,    ONWARD_STATE_READY,     FALSE },
  { ONWARD_STATE_APPLYING,     "1.1.0", DISK_SWITCHED | DISK_TRIAL,  ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLYING,     "1.1.0", DISK_SWITCHED,               ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLYING,     NULL,    DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLIED,      "1.1.0", DISK_SWITCHED | DISK_TRIAL,  ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLIED,      "1.1.0", DISK_SWITCHED,               ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLIED,      "1.1.0", DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
  { ONWARD_STATE_APPLIED,      "1.1.0", DISK_STAGED | DISK_REVERTED, ONWARD_STATE_FAILED,    FALSE },
  { ONWARD_STATE_IDLE,         NULL,    DISK_REVERTED,               ONWARD_STATE_FAILED,    FALSE },
  { ONWARD_STATE_PAUSED,       "1.1.0", DISK_REVERTED,               ONWARD_STATE_FAILED,    FALSE },
  { ONWARD_STATE_APPLIED,      "1.1.0", DISK_SWITCHED | DISK_STUCK,  ONWARD_STATE_FAILED,    FALSE },
  { ONWARD_STATE_IDLE,         NULL,    DISK_SWITCHED | DISK_STUCK,  ONWARD_STATE_FAILED,    FALSE },
  { ONWARD_STATE_FAILED,       "1.1.0", DISK_OLD,                    ONWARD_STATE_IDLE,      FALSE },
};
/* clang-format on */

static void
point_current_at (FlowFixture *fixture, const char *version)
{
  g_autofree char *link = g_build_filename (fixture->install, "current", NULL);
  g_autofree char *target = g_build_filename ("versions", version, NULL);

  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
}

static void
remove_below (FlowFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->install, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    onward_test_remove_dir (g_steal_pointer (&path));
  else
    g_assert_cmpint (g_unlink (path), ==, 0);
}

/* A real update is made, and what the crash would not have left is taken away again. */
static void
make_disk (FlowFixture *fixture, Disk disk)
{
  flow_fixture_finish (fixture, "1.1.0");
  flow_fixture_close (&fixture->flow);

  remove_below (fixture, "var/trial");
  if (disk & DISK_TRIAL)
    onward_test_write (fixture->install, "var/trial", "1.1.0\n1.0.0\n3\n");
  if (disk & DISK_STUCK)
    onward_test_write (fixture->install, "var/trial", "1.1.0\n1.0.0\n0\nlast\n");
  if (disk & DISK_REVERTED)
    onward_test_write (fixture->install, "var/reverted", "1.1.0\n1.0.0\n");
  if (disk & DISK_SWITCHED)
    return;

  point_current_at (fixture, "1.0.0");
  if (!(disk & DISK_FOLDER))
    remove_below (fixture, "versions/1.1.0");
  if (!(disk & DISK_RECEIPT))
    remove_below (fixture, "receipts/1.1.0");
}

static void
open_install (FlowFixture *fixture)
{
  g_free (fixture->install);
  fixture->install = onward_test_site_install (fixture->site, "1.0.0");
  flow_fixture_open (fixture);
}

static void
assert_error_fits (FlowFixture *fixture)
{
  const GError *error = onward_status_get_error (onward_flow_get_status (fixture->flow));

  if (flow_fixture_state (fixture) == ONWARD_STATE_FAILED)
    g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_DID_NOT_START);
  else
    g_assert_no_error (error);
}

/* The old or new version is there, nothing is under way, and the next run gets to the new one. */
static void
test_crash_every_journal_on_every_disk (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];

      g_test_message ("%s of %s on disk %u", onward_state_get_nick (c->recorded), c->release,
                      c->disk);
      open_install (&fixture);
      make_disk (&fixture, c->disk);
      flow_fixture_record (&fixture, c->recorded, c->release);
      flow_fixture_open (&fixture);

      g_assert_cmpint (flow_fixture_state (&fixture), ==, c->expected);
      g_assert_cmpint (onward_flow_was_interrupted (fixture.flow), ==, c->interrupted);
      assert_error_fits (&fixture);

      if (!(c->disk & DISK_REVERTED))
        flow_fixture_finish (&fixture, "1.1.0");
      else
        g_assert_false (flow_fixture_check (&fixture, ONWARD_CHECK_MANUAL, &error));
      g_assert_no_error (error);
      flow_fixture_close (&fixture.flow);
    }
}

/* A version that was damaged after it was staged is not switched to, but put together again. */
static void
test_crash_damaged_staged_version (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SIZE);
  make_disk (&fixture, DISK_STAGED);
  flow_fixture_record (&fixture, ONWARD_STATE_READY, "1.1.0");
  remove_below (&fixture, "versions/1.1.0/share/data");
  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_READY);

  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_FAILED);
  g_assert_error (onward_status_get_error (onward_flow_get_status (fixture.flow)), ONWARD_ERROR,
                  ONWARD_ERROR_CORRUPT);
  flow_fixture_assert_current (&fixture, "1.0.0");

  flow_fixture_finish (&fixture, "1.1.0");
}

/* A version that stands ready is known without asking, and switching to it downloads nothing. */
static void
test_crash_ready_needs_no_network (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SIZE);
  make_disk (&fixture, DISK_STAGED);
  flow_fixture_record (&fixture, ONWARD_STATE_APPLYING, "1.1.0");
  onward_test_site_stop (fixture.site);
  flow_fixture_open (&fixture);

  g_assert_true (flow_fixture_check (&fixture, ONWARD_CHECK_AUTOMATIC, &error));
  g_assert_no_error (error);
  g_assert_true (onward_flow_start (fixture.flow, &error));
  flow_fixture_settle (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_APPLIED);
  flow_fixture_assert_current (&fixture, "1.1.0");
}

/* Neither a journal of noise nor one that is gone, nor lost metadata, stops an update. */
static void
test_crash_lost_state (void)
{
  static const char *const lost[] = { "var/state.ini", "var/trust", "var/parts", "var" };
  g_auto (FlowFixture) fixture = { 0 };

  flow_fixture_init (&fixture, SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (lost); i++)
    {
      open_install (&fixture);
      make_disk (&fixture, DISK_OLD);
      flow_fixture_record (&fixture, ONWARD_STATE_DOWNLOADING, "1.1.0");
      remove_below (&fixture, lost[i]);
      if (i == 0)
        onward_test_write (fixture.install, lost[i], "[Journal]\nState=downloading\n\1\2\3");
      flow_fixture_open (&fixture);
      flow_fixture_finish (&fixture, "1.1.0");
      flow_fixture_close (&fixture.flow);
    }
}

/* A cancelled pause of an earlier run stays cancelled. */
static void
test_crash_cancel_is_remembered (void)
{
  g_auto (FlowFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;

  flow_fixture_init (&fixture, SIZE);
  make_disk (&fixture, DISK_OLD);
  flow_fixture_record (&fixture, ONWARD_STATE_STAGING, "1.1.0");
  flow_fixture_open (&fixture);
  g_assert_true (onward_flow_cancel (fixture.flow, &error));
  g_assert_no_error (error);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);
  g_assert_false (onward_flow_was_interrupted (fixture.flow));

  flow_fixture_open (&fixture);
  g_assert_cmpint (flow_fixture_state (&fixture), ==, ONWARD_STATE_AVAILABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/crash/every-journal-on-every-disk", test_crash_every_journal_on_every_disk);
  g_test_add_func ("/crash/damaged-staged-version", test_crash_damaged_staged_version);
  g_test_add_func ("/crash/ready-needs-no-network", test_crash_ready_needs_no_network);
  g_test_add_func ("/crash/lost-state", test_crash_lost_state);
  g_test_add_func ("/crash/cancel-is-remembered", test_crash_cancel_is_remembered);
  return g_test_run ();
}
