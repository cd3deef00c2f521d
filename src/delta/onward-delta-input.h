/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Returns when all bytes before @end are there; FALSE with @error when they will not be. */
typedef gboolean (*OnwardDeltaWait) (gsize end, gpointer user_data, GCancellable *cancellable,
                                     GError **error);

/**
 * OnwardDeltaInput:
 * @bytes: compressed bytes
 * @wait: (nullable): called before bytes are looked at that may still be on their way
 * @user_data: for @wait
 *
 * What is uncompressed from its beginning to its end.
 */
typedef struct
{
  GBytes *bytes;
  OnwardDeltaWait wait;
  gpointer user_data;
} OnwardDeltaInput;

/* Whether the bytes before @end may be looked at. */
static inline gboolean
onward_delta_input_wait (const OnwardDeltaInput *self, gsize end, GCancellable *cancellable,
                         GError **error)
{
  return self->wait == NULL || self->wait (end, self->user_data, cancellable, error);
}

G_END_DECLS
