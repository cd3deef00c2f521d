/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OnwardFault:
 *
 * What a fault server does wrong in one answer. Written as words separated by "; ":
 *
 * "ok", "status N", "retry-after TEXT", "etag TEXT" ("none" for none, "random" for another one each
 * time), "cut N" or "reset N" (after N body bytes), "stall N", "drip" (a body byte every 20 ms),
 * "drip-headers", "no-range" (a range is answered by the whole file), "no-if-range" (a range is
 * given of whatever the file is now), "content-range TEXT" ("none" for none), "shift N" (the bytes
 * come from N further on), "flip N" (the file's byte N is wrong), "length N" (instead of the right
 * one), "no-length", "chunked", "chunked-cut" (closed after a whole chunk), "endless",
 * "endless-headers", "continue" (for ever), "encoding TEXT", "redirect ADDRESS", "close" (before a
 * word), "junk", "header TEXT", "first-line TEXT" (instead of the status line), "http10", "keep"
 * (the connection is said to be kept), "chunk-cut crlf" or "chunk-cut inside" (closed before the
 * end of a chunk), "chunk-size TEXT" (instead of the right one), "stall-head" (not a word is sent),
 * "nul" (a header with a zero byte), "gzip MODE" (see onward-fault-body.h), "portal" (a page to
 * sign in to the network), "elsewhere" (a redirect to the same file at another host).
 *
 * A number may be a percentage of the body: "cut 50%".
 */
typedef struct
{
  guint status;
  char *etag;
  char *content_range;
  char *encoding;
  char *location;
  char *header;
  char *retry_after;
  char *first_line;
  char *chunk_cut;
  char *chunk_size;
  char *gzip;
  gint64 cut;
  gint64 reset;
  gint64 stall;
  gint64 flip;
  gint64 length;
  guint64 shift;
  gboolean drips;
  gboolean drips_headers;
  gboolean ignores_range;
  gboolean ignores_if_range;
  gboolean has_no_length;
  gboolean is_chunked;
  gboolean is_cut_between_chunks;
  gboolean is_endless;
  gboolean has_endless_headers;
  gboolean continues;
  gboolean closes;
  gboolean is_junk;
  gboolean is_http10;
  gboolean is_kept;
  gboolean stalls_head;
  gboolean has_nul;
  gboolean is_portal;
  gboolean is_elsewhere;
} OnwardFault;

OnwardFault *onward_fault_parse   (const char *text);
void         onward_fault_free    (OnwardFault *self);
/* Turns percentages into numbers. */
void         onward_fault_resolve (OnwardFault *self, guint64 body_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardFault, onward_fault_free)

G_END_DECLS
