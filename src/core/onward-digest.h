/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define ONWARD_DIGEST_SIZE 32

/**
 * OnwardDigest:
 * @bytes: the 32 bytes of a SHA-256
 *
 * A SHA-256 digest, kept by value. Content is named by it throughout.
 */
typedef struct
{
  guint8 bytes[ONWARD_DIGEST_SIZE];
} OnwardDigest;

void     onward_digest_of_data   (gconstpointer data, gsize size, OnwardDigest *ret_digest);
void     onward_digest_of_bytes  (GBytes *bytes, OnwardDigest *ret_digest);
gboolean onward_digest_of_fd     (int fd, guint64 *ret_size, OnwardDigest *ret_digest,
                                  GCancellable *cancellable, GError **error);
gboolean onward_digest_parse     (const char *hex, OnwardDigest *ret_digest, GError **error);
char    *onward_digest_to_string (const OnwardDigest *digest);
gboolean onward_digest_equal     (gconstpointer a, gconstpointer b);
guint    onward_digest_hash      (gconstpointer digest);
OnwardDigest *onward_digest_copy (const OnwardDigest *digest);

G_END_DECLS
