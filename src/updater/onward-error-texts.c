/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error-texts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "onward-progress-texts.h"
#include "onward-refusal-texts.h"

/**
 * onward_error_texts_get_code:
 * @error: (nullable): an error of any domain
 *
 * Returns: its code; ONWARD_ERROR_FAILED for those of other domains, and for none.
 */
OnwardError
onward_error_texts_get_code (const GError *error)
{
  if (error == NULL || error->domain != ONWARD_ERROR)
    return ONWARD_ERROR_FAILED;
  return (OnwardError) error->code;
}

static const char *
get_version (OnwardStatus *status)
{
  OnwardRelease *release = onward_status_get_release (status);

  return release != NULL ? onward_release_get_version (release) : NULL;
}

/* A transfer has a size; before it there was only a question to the server. */
static gboolean
was_downloading (OnwardStatus *status)
{
  return get_version (status) != NULL && onward_status_get_bytes_total (status) != 0;
}

static char *
dup_title_of_failure (OnwardStatus *status)
{
  if (was_downloading (status))
    return g_strdup (_ ("Could Not Install the Update"));
  return g_strdup (_ ("Could Not Check for Updates"));
}

static char *
dup_title_of_misfit (OnwardStatus *status)
{
  const char *version = get_version (status);

  if (version == NULL)
    return g_strdup (_ ("This Computer Is Too Old for the Update"));
  return g_strdup_printf (_ ("This Computer Is Too Old for %s"), version);
}

static char *
dup_title_of_relapse (OnwardStatus *status, const OnwardSubject *subject)
{
  const char *version = get_version (status);

  if (version == NULL)
    return g_strdup_printf (_ ("The New Version of %s Did Not Start"), subject->name);
  /* Translators: an application's name and a version. */
  return g_strdup_printf (_ ("%s %s Did Not Start"), subject->name, version);
}

/**
 * onward_error_texts_dup_title:
 * @error: (nullable): what failed
 * @status: the status it happened in
 * @subject: whose update failed
 *
 * Returns: (transfer full): what happened, as a title.
 */
char *
onward_error_texts_dup_title (const GError *error, OnwardStatus *status,
                              const OnwardSubject *subject)
{
  char *title = onward_refusal_texts_dup_title (error);

  if (title != NULL)
    return title;
  switch ((int) onward_error_texts_get_code (error))
    {
    case ONWARD_ERROR_OFFLINE:
    case ONWARD_ERROR_SERVER:
    case ONWARD_ERROR_METERED:
    case ONWARD_ERROR_SERVER_BUSY:
      return g_strdup (was_downloading (status) ? _ ("Could Not Download the Update")
                                                : _ ("Could Not Check for Updates"));
    case ONWARD_ERROR_SIGN_IN:
      return g_strdup (_ ("Sign In to the Network"));
    case ONWARD_ERROR_BUSY:
      return g_strdup (_ ("Another Update Is Running"));
    case ONWARD_ERROR_NO_SPACE:
      return g_strdup (_ ("Not Enough Disk Space"));
    case ONWARD_ERROR_NOT_PERMITTED:
    case ONWARD_ERROR_READ_ONLY_INSTALL:
      return g_strdup (_ ("Permission Is Needed"));
    case ONWARD_ERROR_UNSUPPORTED_FORMAT:
      return dup_title_of_misfit (status);
    case ONWARD_ERROR_CORRUPT:
      return g_strdup (_ ("The Download Was Damaged"));
    case ONWARD_ERROR_INTERRUPTED:
      return g_strdup (_ ("The Update Was Interrupted"));
    case ONWARD_ERROR_DID_NOT_START:
      return dup_title_of_relapse (status, subject);
    case ONWARD_ERROR_FAILED:
    case ONWARD_ERROR_NOT_FOUND:
    case ONWARD_ERROR_MALFORMED:
    case ONWARD_ERROR_WRONG_STATE:
    default:
      return dup_title_of_failure (status);
    }
}

static char *
dup_kept (OnwardStatus *status)
{
  g_autofree char *amount = onward_progress_texts_dup_amount (
      onward_status_get_bytes_done (status), onward_status_get_bytes_total (status));

  if (onward_status_get_bytes_done (status) == 0 || onward_status_get_bytes_total (status) == 0)
    return g_strdup ("");
  return g_strdup_printf (
      ngettext ("%s is kept.", "%s are kept.",
                onward_progress_texts_count_for (onward_status_get_bytes_done (status))),
      amount);
}

/* What stands in @message between @before and @after; NULL when nothing does. */
static char *
dup_between (const char *message, const char *before, const char *after)
{
  const char *start = strstr (message, before);
  const char *end = start != NULL ? strstr (start + strlen (before), after) : NULL;

  return end != NULL ? g_strndup (start + strlen (before), end - start - strlen (before)) : NULL;
}

/* The sizes are written for people already, in the message of the check before an install. */
static char *
dup_need_of_space (const GError *error)
{
  g_autofree char *needed = dup_between (error->message, "needs ", " on the disk");
  g_autofree char *available = dup_between (error->message, "only ", " are free");

  if (needed == NULL || available == NULL)
    return g_strdup (_ ("Make room on the disk, then try again."));
  return g_strdup_printf (_ ("%s are needed, %s are free."), needed, available);
}

static char *
dup_body_of_no_space (const GError *error, OnwardStatus *status)
{
  g_autofree char *need = dup_need_of_space (error);
  g_autofree char *kept = dup_kept (status);

  return onward_progress_texts_join (need, kept);
}

static char *
dup_body_of_damage (OnwardStatus *status)
{
  g_autofree char *size = onward_progress_texts_dup_size (onward_status_get_full_size (status));

  if (onward_status_get_full_size (status) == 0)
    return g_strdup (_ ("The whole app can be downloaded instead."));
  return g_strdup_printf (_ ("The whole app (%s) can be downloaded instead."), size);
}

static char *
dup_body_of_relapse (OnwardStatus *status, const OnwardSubject *subject)
{
  const char *version = get_version (status);

  if (version == NULL)
    return g_strdup_printf (_ ("Version %s was restored."), subject->version);
  if (g_str_equal (version, subject->version))
    return g_strdup (_ ("The version before it is not safe any more and was not restored."));
  return g_strdup_printf (_ ("Version %s was restored. %s is not offered again."), subject->version,
                          version);
}

static char *
dup_body_of_failure (OnwardStatus *status, const OnwardSubject *subject)
{
  if (was_downloading (status))
    return g_strdup_printf (_ ("Version %s stays as it was."), subject->version);
  return g_strdup_printf (_ ("Something unexpected happened. %s itself works as before."),
                          subject->name);
}

static char *
dup_body_of_server (const GError *error, OnwardStatus *status, const OnwardSubject *subject)
{
  gboolean busy = onward_error_texts_get_code (error) == ONWARD_ERROR_SERVER_BUSY;
  g_autofree char *kept = dup_kept (status);
  g_autofree char *why = g_strdup_printf (
      busy ? _ ("The update server is busy. Try again later. %s itself works as before.")
           : _ ("The update server did not answer. %s itself works as before."),
      subject->name);

  return onward_progress_texts_join (why, kept);
}

static char *
dup_body_of_network (const GError *error)
{
  if (onward_error_texts_get_code (error) == ONWARD_ERROR_METERED)
    return g_strdup (_ ("This network may charge for data. The download waits."));
  return g_strdup (_ ("This network asks for a sign-in before it lets anything through. Open any "
                      "web page to sign in, then try again."));
}

/**
 * onward_error_texts_dup_body:
 * @error: (nullable): what failed
 * @status: the status it happened in
 * @subject: whose update failed
 *
 * Returns: (transfer full): what it means, and what can be done.
 */
char *
onward_error_texts_dup_body (const GError *error, OnwardStatus *status,
                             const OnwardSubject *subject)
{
  char *body = onward_refusal_texts_dup_body (error, subject);

  if (body != NULL)
    return body;
  switch ((int) onward_error_texts_get_code (error))
    {
    case ONWARD_ERROR_OFFLINE:
    case ONWARD_ERROR_SERVER:
    case ONWARD_ERROR_SERVER_BUSY:
      return dup_body_of_server (error, status, subject);
    case ONWARD_ERROR_METERED:
    case ONWARD_ERROR_SIGN_IN:
      return dup_body_of_network (error);
    case ONWARD_ERROR_BUSY:
      return g_strdup_printf (_ ("%s is being updated in another window (or by another user)."),
                              subject->name);
    case ONWARD_ERROR_NO_SPACE:
      return dup_body_of_no_space (error, status);
    case ONWARD_ERROR_NOT_PERMITTED:
      return g_strdup_printf (_ ("An administrator must approve installing to %s."),
                              subject->install_dir);
    case ONWARD_ERROR_READ_ONLY_INSTALL:
      return g_strdup_printf (_ ("This copy is in %s, which belongs to the administrator."),
                              subject->install_dir);
    case ONWARD_ERROR_NOT_FOUND:
      return g_strdup_printf (
          _ ("The update server does not know %s. The app itself works as before."), subject->name);
    case ONWARD_ERROR_MALFORMED:
      return g_strdup_printf (
          _ ("The update server's answer makes no sense. %s itself works as before."),
          subject->name);
    case ONWARD_ERROR_UNSUPPORTED_FORMAT:
      return g_strdup_printf (
          _ ("The update needs something that this system lacks. Version %s still works here."),
          subject->version);
    case ONWARD_ERROR_CORRUPT:
      return dup_body_of_damage (status);
    case ONWARD_ERROR_INTERRUPTED:
      return g_strdup (_ ("What was already downloaded is kept."));
    case ONWARD_ERROR_DID_NOT_START:
      return dup_body_of_relapse (status, subject);
    case ONWARD_ERROR_FAILED:
    case ONWARD_ERROR_WRONG_STATE:
    default:
      return dup_body_of_failure (status, subject);
    }
}
