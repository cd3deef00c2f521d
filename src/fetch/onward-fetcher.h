/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ONWARD_TYPE_FETCHER (onward_fetcher_get_type ())

/**
 * OnwardFetcher:
 *
 * The HTTP session of one run and the small documents it gets: redirects followed by hand (at
 * most five, never from https to http), no cookies, no credentials, no content decoding, sizes and
 * deadlines enforced. file: addresses are read through GIO. For the main thread only.
 */
G_DECLARE_FINAL_TYPE (OnwardFetcher, onward_fetcher, ONWARD, FETCHER, GObject)

/**
 * OnwardDocument:
 * @body: (nullable): the bytes, when the server sent some
 * @validator: (nullable): the entity tag, as it was sent
 * @not_modified: the server says that the validator given still stands (304)
 * @is_whole: the server said how long it is, and that many bytes came
 * @missing: the server says that there is no such document (404 or 410)
 *
 * The answer to a request for a small document.
 */
typedef struct
{
  GBytes *body;
  char *validator;
  gboolean not_modified;
  gboolean is_whole;
  gboolean missing;
} OnwardDocument;

void           onward_document_free (OnwardDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardDocument, onward_document_free)

/* @allow_http: whether plain http is allowed for addresses beyond the loopback. */
OnwardFetcher  *onward_fetcher_new        (gboolean allow_http);
/* One try, with a deadline of 60 s for the whole document. Errors: OFFLINE, SIGN_IN, SERVER,
 * SERVER_BUSY (it asks to be left alone for a while), NOT_PERMITTED (a forbidden address),
 * TOO_LARGE (longer than @max_size). */
void            onward_fetcher_get_async  (OnwardFetcher *self, const char *uri, gsize max_size,
                                           const char *validator, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
/* As get_async, past the caches on the way. */
void            onward_fetcher_get_anew_async (OnwardFetcher *self, const char *uri, gsize max_size,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);
OnwardDocument *onward_fetcher_get_finish (OnwardFetcher *self, GAsyncResult *result,
                                           GError **error);
/* For how many seconds (60 to 86400) the server wants to be left alone, 0 when it does not say. */
guint           onward_fetcher_get_retry_after (GAsyncResult *result);
/* The most that all transfers together read, 0 for no limit; may be changed while they run. */
void            onward_fetcher_set_rate_limit (OnwardFetcher *self, guint64 bytes_per_second);

G_END_DECLS
