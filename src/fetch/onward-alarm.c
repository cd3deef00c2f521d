/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib-unix.h>
#include <sys/timerfd.h>

#include "onward-alarm.h"
#include "onward-fd.h"

typedef struct
{
  OnwardFd fd;
  GSourceFunc function;
  gpointer user_data;
} Alarm;

static void
alarm_free (gpointer data)
{
  Alarm *self = data;

  onward_fd_close (self->fd);
  g_free (self);
}

static gboolean
on_rung (int fd, GIOCondition condition, gpointer user_data)
{
  Alarm *self = user_data;

  (void) self->function (self->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * onward_alarm_add:
 * @milliseconds: when
 * @function: called once, in the main loop
 * @user_data: for @function
 *
 * A timer by boot time: the main loop's own ones stand still while the computer sleeps, so that a
 * wait of one minute could last until the next day.
 *
 * Returns: the id of its source
 */
guint
onward_alarm_add (guint milliseconds, GSourceFunc function, gpointer user_data)
{
  struct itimerspec when = { .it_value = { .tv_sec = milliseconds / 1000,
                                           .tv_nsec = milliseconds % 1000 * 1000000L + 1 } };
  OnwardFd fd = timerfd_create (CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  Alarm *self = NULL;

  if (fd < 0 || timerfd_settime (fd, 0, &when, NULL) != 0)
    {
      if (fd >= 0)
        onward_fd_close (fd);
      return g_timeout_add (milliseconds, function, user_data);
    }

  self = g_new0 (Alarm, 1);
  self->fd = fd;
  self->function = function;
  self->user_data = user_data;
  return g_unix_fd_add_full (G_PRIORITY_DEFAULT, fd, G_IO_IN, on_rung, self, alarm_free);
}
