/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OnwardTestWay:
 * @level: zlib's level
 * @memory: zlib's memLevel
 * @strategy: zlib's strategy
 *
 * How a test deflates.
 */
typedef struct
{
  int level;
  int memory;
  int strategy;
} OnwardTestWay;

/* Text without end, of words; as much of another seed has other words. */
GBytes *onward_test_deflate_text   (guint32 seed, gsize size);
/* @bytes with a few bytes changed and some put in, in the middle. */
GBytes *onward_test_deflate_change (GBytes *bytes);

/* @bytes deflated; @window as zlib takes it. */
GBytes *onward_test_deflate_run    (GBytes *bytes, const OnwardTestWay *way, int window);
/* Files are appended to @file: a member of a zip, with or without its sizes before it, */
void    onward_test_deflate_zip    (GByteArray *file, const char *name, GBytes *bytes,
                                    const OnwardTestWay *way, gboolean has_descriptor);
/* what ends a zip, */
void    onward_test_deflate_zip_end (GByteArray *file, guint n_members);
/* a member of a gzip file, with a name, */
void    onward_test_deflate_gzip   (GByteArray *file, GBytes *bytes, const OnwardTestWay *way);
/* a PNG whose image data are in chunks of @chunk bytes. */
void    onward_test_deflate_png    (GByteArray *file, GBytes *bytes, const OnwardTestWay *way,
                                    int window, gsize chunk);

G_END_DECLS
