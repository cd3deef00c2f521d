/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardPassphrase:
 *
 * What unlocks the publisher's keys. It comes from a file, a descriptor or the terminal, never from
 * the command line, which everybody on the computer can read.
 */
typedef struct _OnwardPassphrase OnwardPassphrase;

OnwardPassphrase *onward_passphrase_new           (const char *file, int fd);
OnwardPassphrase *onward_passphrase_new_known     (const char *text);
void              onward_passphrase_free          (OnwardPassphrase *self);
const char       *onward_passphrase_get_known     (OnwardPassphrase *self);
gboolean          onward_passphrase_can_ask_again (OnwardPassphrase *self);
const char       *onward_passphrase_get           (OnwardPassphrase *self, const char *what,
                                                   gboolean confirm, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardPassphrase, onward_passphrase_free)

G_END_DECLS
