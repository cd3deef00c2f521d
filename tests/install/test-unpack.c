/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <pthread.h>

#include "onward-error.h"
#include "onward-fd.h"
#include "onward-staging.h"
#include "update-fixture.h"

/* Nothing here takes that long. */
#define PATIENCE (60 * G_TIME_SPAN_SECOND)

/* Two threads that read a pack, each until the other one does. */
typedef struct
{
  int fd; /* (owned) */
  GMutex lock;
  GCond changed;
  GThread *first;     /* (unowned) (nullable): who came first */
  gboolean has_met;   /* another one came, too */
  gboolean is_broken; /* what the second one asks for cannot be read, and the first one waits */
  gboolean is_stopped;
  gboolean arrives; /* nothing is there but the first byte of each frame */
} Meeting;

static void
meeting_init (Meeting *self, TestPack *pack)
{
  *self = (Meeting){ .fd = open (pack->path, O_RDONLY | O_CLOEXEC) };
  g_assert_cmpint (self->fd, >=, 0);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

static void
meeting_clear (Meeting *self)
{
  onward_fd_close (self->fd);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Meeting, meeting_clear)

static gboolean
has (guint64 start, guint64 end, gpointer user_data)
{
  const Meeting *self = user_data;

  return !self->arrives || end - start == 1;
}

/* Whether the caller is the second one. */
static gboolean
meet (Meeting *self)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  gboolean is_second;

  g_mutex_lock (&self->lock);
  if (self->first == NULL)
    self->first = g_thread_self ();
  is_second = self->first != g_thread_self ();
  self->has_met |= is_second;
  g_cond_broadcast (&self->changed);
  while (!self->has_met)
    g_assert_true (g_cond_wait_until (&self->changed, &self->lock, end));
  g_mutex_unlock (&self->lock);
  return is_second;
}

static int
wait_for (guint64 start, guint64 end, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Meeting *self = user_data;
  gboolean is_second = meet (self);
  gint64 begun = g_get_monotonic_time ();

  if (!self->is_broken)
    return self->fd;

  if (is_second)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT, "Broken");
      return -1;
    }
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_assert_cmpint (g_get_monotonic_time () - begun, <, PATIENCE);
      g_usleep (1000);
    }
  self->is_stopped = TRUE;
  return -1;
}

static gboolean
build (Update *self, Meeting *meeting, GError **error)
{
  const OnwardPackSupply supply = { has, wait_for, NULL, meeting };
  g_autoptr (OnwardPackReader) reader = onward_pack_reader_new_arriving (&supply, self->new->head);

  return onward_staging_build (self->fixture.install, reader, NULL, "2.0.0", NULL, NULL, NULL,
                               error);
}

static gboolean
is_alone (void)
{
  if (g_get_num_processors () > 1)
    return FALSE;

  g_test_skip ("There is one core only");
  return TRUE;
}

/* Two frames that are there are unpacked at the same time, and the version is what it should be. */
static void
test_unpack_two (Update *self, gconstpointer data)
{
  g_auto (Meeting) meeting = { 0 };
  g_autoptr (GError) error = NULL;

  if (is_alone ())
    return;

  meeting_init (&meeting, self->new);
  build (self, &meeting, &error);
  g_assert_no_error (error);
  g_assert_true (meeting.has_met);
  update_assert_updated (self);
}

/* So are two that have only begun to arrive. */
static void
test_unpack_two_arriving (Update *self, gconstpointer data)
{
  g_auto (Meeting) meeting = { 0 };
  g_autoptr (GError) error = NULL;

  if (is_alone ())
    return;

  meeting_init (&meeting, self->new);
  meeting.arrives = TRUE;
  build (self, &meeting, &error);
  g_assert_no_error (error);
  g_assert_true (meeting.has_met);
  update_assert_updated (self);
}

/* A frame that fails ends what another thread does with the next one, and is what is told. */
static void
test_unpack_broken (Update *self, gconstpointer data)
{
  g_auto (Meeting) meeting = { 0 };
  g_autoptr (GError) error = NULL;

  if (is_alone ())
    return;

  meeting_init (&meeting, self->new);
  meeting.is_broken = TRUE;
  g_assert_false (build (self, &meeting, &error));
  g_assert_error (error, ONWARD_ERROR, ONWARD_ERROR_CORRUPT);
  g_assert_true (meeting.is_stopped);
  g_assert_false (install_fixture_exists (&self->fixture, "versions/2.0.0"));

  meeting.is_broken = FALSE;
  g_clear_error (&error);
  build (self, &meeting, &error);
  g_assert_no_error (error);
  update_assert_updated (self);
}

/* Where no thread can be made any more, this one unpacks all frames. */
static void
test_unpack_alone (Update *self, gconstpointer data)
{
  pthread_attr_t usual, impossible;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (pthread_getattr_default_np (&usual), ==, 0);
  g_assert_cmpint (pthread_attr_init (&impossible), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&impossible, G_MAXSIZE / 4), ==, 0);
  g_assert_cmpint (pthread_setattr_default_np (&impossible), ==, 0);
  update_build (self, self->new, "2.0.0", NULL, &error);
  g_assert_cmpint (pthread_setattr_default_np (&usual), ==, 0);
  (void) pthread_attr_destroy (&impossible);
  (void) pthread_attr_destroy (&usual);

  g_assert_no_error (error);
  update_assert_updated (self);
}

static const UpdateTest tests[] = {
  { "/unpack/two", test_unpack_two },
  { "/unpack/two-arriving", test_unpack_two_arriving },
  { "/unpack/broken", test_unpack_broken },
  { "/unpack/alone", test_unpack_alone },
};

int
main (int argc, char **argv)
{
  return update_run_tests (argc, argv, tests, G_N_ELEMENTS (tests), NULL);
}
