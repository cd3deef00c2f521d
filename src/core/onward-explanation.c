/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-explanation.h"

#include <glib/gi18n.h>

#include "onward-error.h"

typedef struct
{
  OnwardError code;
  const char *check;
  const char *meaning;
  const char *advice;
} Row;

#define WAIT N_ ("Nothing: the installed version stays as it was. Try again later.")
#define TELL N_ ("Tell the makers of the application. The installed version stays as it was.")
#define BEWARE                                                                                  \
  N_ ("Do not install this update from elsewhere. Try another network, and tell the makers of " \
      "the application. The installed version stays as it was.")
#define CLOCK N_ ("Check the date and time of this computer, then try again.")
#define ANOTHER \
  N_ ("Try another network. If it happens there too, tell the makers of the application.")

/* Only what nothing but an attack, or a publisher's grave mistake, can bring about is called
 * tampering: who hears that word too often stops listening. */
/* clang-format off */
static const Row rows[] = {
  { ONWARD_ERROR_UNTRUSTED,
    N_("That enough of the publisher's keys signed the document."),
    N_("The signatures are missing or wrong. This may be tampering."), BEWARE },
  { ONWARD_ERROR_OTHER_REPOSITORY,
    N_("That the new list of keys is signed by the keys known so far."),
    N_("The list is whole, but somebody else's: the server speaks for another publisher. This may be tampering."), BEWARE },
  { ONWARD_ERROR_ROLLED_BACK,
    N_("That versions of signed documents only grow."),
    N_("The server offers older information than this computer has already seen. This may be tampering."), BEWARE },
  { ONWARD_ERROR_WRONG_HASH,
    N_("That the document has the hash that was signed, twice, the second time past every cache."),
    N_("It was another document both times. This may be tampering."), BEWARE },
  { ONWARD_ERROR_CORRUPT,
    N_("That every block and file has the hash that was signed, also after it was fetched again."),
    N_("The bytes are damaged. A broken server, cache or disk does that."),
    N_("Download the whole application instead, and check the disk if it happens again.") },
  { ONWARD_ERROR_EXPIRED,
    N_("That the signed information has not expired."),
    N_("Nobody has renewed it in time: the publisher has stopped, or somebody holds back what is newer."),
    N_("Check the date of this computer. If it is right, try again later or over another network.") },
  { ONWARD_ERROR_ROOT_EXPIRED,
    N_("That the list of the publisher's keys has not expired."),
    N_("The publisher has not renewed the keys in time. Nothing that they sign can be relied on until then."), TELL },
  { ONWARD_ERROR_WRONG_CLOCK,
    N_("That the clock and the dates of signed documents can both be right."),
    N_("The clock is years past everything that was ever signed, so that all of it seems to have expired."), CLOCK },
  { ONWARD_ERROR_WRONG_TYPE,
    N_("That the document is of the kind that was asked for."),
    N_("A document of another kind stands in its place. The publisher's server is set up wrongly."), TELL },
  { ONWARD_ERROR_WRONG_VERSION,
    N_("That the document is the version that was announced."),
    N_("It is another version. The publisher's files do not fit together."), TELL },
  { ONWARD_ERROR_WRONG_LENGTH,
    N_("That the document has the length that was signed, twice, the second time past every cache."),
    N_("It was shorter or longer both times. The server, or a cache on the way, is broken."), ANOTHER },
  { ONWARD_ERROR_TOO_LARGE,
    N_("That no document is larger than any may be."),
    N_("The server sent more than that. Reading was stopped there."), TELL },
  { ONWARD_ERROR_MALFORMED,
    N_("That the document follows the rules of its format."),
    N_("It does not, so nothing in it was used."), TELL },
  { ONWARD_ERROR_UNSUPPORTED_FORMAT,
    N_("That it is in a format that this updater knows."),
    N_("It is in a newer one. Nothing needs to be wrong with it, but it cannot be read here."),
    N_("Download the whole application from its makers once. The installed version stays as it was.") },
  { ONWARD_ERROR_UPLOAD_UNDER_WAY,
    N_("That the publisher's files fit together."),
    N_("Some of them are new and others not there yet: an upload is under way, or was left half done."),
    N_("Try again in a few minutes.") },
  { ONWARD_ERROR_SERVER_BUSY,
    N_("Whether there is a new version."),
    N_("The server works, but asks to be left alone for a while."), WAIT },
  { ONWARD_ERROR_SIGN_IN,
    N_("That it is the update server that answers."),
    N_("The network answers in its place, with a page to sign in."),
    N_("Open any web page to sign in, then try again.") },
  { ONWARD_ERROR_UNKNOWN_AUTHORITY,
    N_("The certificate of the update server."),
    N_("Nobody whom this computer knows vouches for the server. Some networks put themselves between."), ANOTHER },
  { ONWARD_ERROR_WRONG_HOST,
    N_("The certificate of the update server."),
    N_("It belongs to another server. The server, or the network, leads to the wrong place."), ANOTHER },
  { ONWARD_ERROR_CERTIFICATE_EXPIRED,
    N_("The certificate of the update server."),
    N_("It has expired: the server was not looked after, or the clock of this computer is wrong."), CLOCK },
  { ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID,
    N_("The certificate of the update server."),
    N_("It becomes valid only later: the clock of this computer is probably behind."), CLOCK },
  { ONWARD_ERROR_BAD_CERTIFICATE,
    N_("The certificate of the update server."),
    N_("It was revoked, or is too weak to prove anything."), ANOTHER },
};
/* clang-format on */

static const Row *
find (const GError *error)
{
  if (error->domain != ONWARD_ERROR)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((int) rows[i].code == error->code)
      return &rows[i];
  return NULL;
}

/**
 * onward_explanation_get_check:
 * @error: why something was refused
 *
 * Returns: (transfer none) (nullable): what was checked, in English and marked for translation;
 *   %NULL for what is no refusal
 */
const char *
onward_explanation_get_check (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  return find (error) != NULL ? find (error)->check : NULL;
}

/**
 * onward_explanation_get_meaning:
 * @error: why something was refused
 *
 * Returns: (transfer none) (nullable): what the outcome means, or %NULL for what is no refusal
 */
const char *
onward_explanation_get_meaning (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  return find (error) != NULL ? find (error)->meaning : NULL;
}

/**
 * onward_explanation_get_advice:
 * @error: why something was refused
 *
 * Returns: (transfer none) (nullable): what to do about it, or %NULL for what is no refusal
 */
const char *
onward_explanation_get_advice (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  return find (error) != NULL ? find (error)->advice : NULL;
}
