/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-refusal-texts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "onward-error.h"
#include "onward-explanation.h"
#include "onward-wording.h"

#define MAX_BODIES 2

typedef struct
{
  OnwardError code;
  const char *title;
  const char *bodies[MAX_BODIES]; /* the first of which every hole can be filled counts */
} Refusal;

/* Translators: {name} is an application's name, {version} the installed version, and {clock},
 * {since} and {expiry} are days such as “2 October 2026”. They stay as they are. */
/* clang-format off */
static const Refusal refusals[] = {
  { ONWARD_ERROR_UNTRUSTED, N_("This Update Cannot Be Trusted"),
    { N_("It is not signed by the makers of {name} and was not installed. Version {version} stays as it was.") } },
  { ONWARD_ERROR_OTHER_REPOSITORY, N_("This Update Cannot Be Trusted"),
    { N_("The server speaks for another publisher than the makers of {name}. This may be tampering. Version {version} stays as it was.") } },
  { ONWARD_ERROR_ROLLED_BACK, N_("Update Information Was Rolled Back"),
    { N_("The server's information is older than what this computer has already seen. This may be tampering. Version {version} stays as it was.") } },
  { ONWARD_ERROR_WRONG_HASH, N_("This Update Cannot Be Trusted"),
    { N_("The server's information is not what the makers of {name} signed, even when asked for again. This may be tampering. "
         "Version {version} stays as it was.") } },
  { ONWARD_ERROR_EXPIRED, N_("Update Information Is Out of Date"),
    { N_("It was not renewed since {since}. The makers of {name} may have stopped, or someone may be holding back updates."),
      N_("It should have been renewed by {expiry}. The makers of {name} may have stopped, or someone may be holding back updates.") } },
  { ONWARD_ERROR_ROOT_EXPIRED, N_("The Publisher's Keys Have Expired"),
    { N_("The keys that updates of {name} are signed with ended on {expiry}. Its makers must renew them."),
      N_("The keys that updates of {name} are signed with have ended. Its makers must renew them.") } },
  { ONWARD_ERROR_WRONG_CLOCK, N_("Check the Date and Time"),
    { N_("The clock of this computer shows {clock}; check it. Updates of {name} were last signed on {since}."),
      N_("The clock of this computer seems to be wrong; check it. Updates cannot be verified until it is right.") } },
  { ONWARD_ERROR_WRONG_TYPE, N_("Could Not Check for Updates"),
    { N_("The update server has one document in the place of another. {name} itself works as before.") } },
  { ONWARD_ERROR_WRONG_VERSION, N_("Could Not Check for Updates"),
    { N_("The update server has another version of a document than it announced. {name} itself works as before.") } },
  { ONWARD_ERROR_WRONG_LENGTH, N_("Could Not Check for Updates"),
    { N_("The update server sent too little or too much of a document, twice. {name} itself works as before.") } },
  { ONWARD_ERROR_TOO_LARGE, N_("Could Not Check for Updates"),
    { N_("The update server's answer is larger than it may be. {name} itself works as before.") } },
  { ONWARD_ERROR_UPLOAD_UNDER_WAY, N_("Could Not Check for Updates"),
    { N_("An update of {name} is being uploaded at this moment. Try again in a few minutes.") } },
  { ONWARD_ERROR_UNKNOWN_AUTHORITY, N_("No Secure Connection"),
    { N_("Nobody whom this computer knows vouches for the update server. Try another network.") } },
  { ONWARD_ERROR_WRONG_HOST, N_("No Secure Connection"),
    { N_("The network led to another server than the update server. Try another network.") } },
  { ONWARD_ERROR_CERTIFICATE_EXPIRED, N_("No Secure Connection"),
    { N_("The update server's certificate has expired, unless the clock of this computer, which shows {clock}, is wrong."),
      N_("The update server's certificate has expired, unless the clock of this computer is wrong.") } },
  { ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID, N_("Check the Date and Time"),
    { N_("The clock of this computer shows {clock}; check it. The update server's certificate is not valid yet."),
      N_("The update server's certificate is not valid yet; check the clock of this computer.") } },
  { ONWARD_ERROR_BAD_CERTIFICATE, N_("No Secure Connection"),
    { N_("The update server's certificate was revoked, or is too weak. Try again later.") } },
};

/* What stands in the message before a day. */
static const char *const holes[][2] = {
  { "{clock}", "the clock shows " },
  { "{since}", "nothing was signed since " },
  { "{expiry}", "it expired at " },
};
/* clang-format on */

static const Refusal *
find (const GError *error)
{
  if (error == NULL || error->domain != ONWARD_ERROR)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    if ((int) refusals[i].code == error->code)
      return &refusals[i];
  return NULL;
}

static gboolean
fill_day (GString *text, const char *message, gsize hole)
{
  const char *mark = strstr (message, holes[hole][1]);
  g_autofree char *day = NULL;

  if (strstr (text->str, holes[hole][0]) == NULL)
    return TRUE;
  day = onward_wording_dup_date (mark != NULL ? mark + strlen (holes[hole][1]) : NULL);
  g_string_replace (text, holes[hole][0], day, 0);
  return *day != '\0';
}

/* NULL when something is not known. */
static char *
fill (const char *body, const char *message, const OnwardSubject *subject)
{
  g_autoptr (GString) text = g_string_new (_ (body));

  for (gsize i = 0; i < G_N_ELEMENTS (holes); i++)
    if (!fill_day (text, message, i))
      return NULL;
  g_string_replace (text, "{version}", subject->version, 0);
  g_string_replace (text, "{name}", subject->name, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * onward_refusal_texts_dup_title:
 * @error: (nullable): what failed
 *
 * Returns: (transfer full) (nullable): the title, or %NULL when nothing was refused.
 */
char *
onward_refusal_texts_dup_title (const GError *error)
{
  const Refusal *refusal = find (error);

  return refusal != NULL ? g_strdup (_ (refusal->title)) : NULL;
}

/**
 * onward_refusal_texts_dup_body:
 * @error: (nullable): what failed
 * @subject: whose update failed
 *
 * Returns: (transfer full) (nullable): a sentence that no other refusal has, with the days that
 *   @error tells; %NULL when nothing was refused. Pure.
 */
char *
onward_refusal_texts_dup_body (const GError *error, const OnwardSubject *subject)
{
  const Refusal *refusal = find (error);
  char *body = NULL;

  g_return_val_if_fail (subject != NULL, NULL);

  for (gsize i = 0; refusal != NULL && body == NULL && i < MAX_BODIES; i++)
    if (refusal->bodies[i] != NULL)
      body = fill (refusal->bodies[i], error->message, subject);
  return body;
}

/**
 * onward_refusal_texts_dup_details:
 * @error: what failed
 *
 * Returns: (transfer full): what happened in technical words, after the name of the refusal, what
 *   was checked, what it means and what to do, when it is one. Pure.
 */
char *
onward_refusal_texts_dup_details (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (onward_explanation_get_check (error) == NULL)
    return g_strdup (error->message);
  return g_strdup_printf (_ ("Name of the refusal: %s\n"
                             "What was checked: %s\n"
                             "What it means: %s\n"
                             "What to do: %s\n\n%s"),
                          onward_error_get_nick ((OnwardError) error->code),
                          _ (onward_explanation_get_check (error)),
                          _ (onward_explanation_get_meaning (error)),
                          _ (onward_explanation_get_advice (error)), error->message);
}
