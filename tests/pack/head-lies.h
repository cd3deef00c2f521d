/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-error.h"
#include "onward-pack-head.h"

G_BEGIN_DECLS

#define HEAD_LIES_N_FRAMES 2

/* What can be wrong with a head. */
typedef enum
{
  LIE_KIND,
  LIE_METHOD,
  LIE_STORED_SIZE,
  LIE_SIZE,
  LIE_REFERENCE_LENGTH,
  LIE_REFERENCE_SIZE,
  LIE_ENTRY_FRAME,
  LIE_ENTRY_OFFSET,
  LIE_LOCATION_FRAME,
  LIE_LOCATION_OFFSET,
  LIE_LOCATION_LENGTH,
  LIE_LOCATION_DIGEST,
  LIE_N_LOCATIONS,
  LIE_PACK_SIZE,
  LIE_MANY_FRAMES,
  LIE_TREE_LENGTH,
} HeadField;

typedef struct
{
  guint8 method;
  guint64 stored_size;
  guint64 size;
  gsize reference_length;
  guint64 reference_size;
} HeadFrame;

typedef struct
{
  guint8 digest[64];
  gsize length;
  guint32 frame;
  guint64 offset;
} HeadLocation;

/* A head before it is serialized, so that it can say what no writer would. */
typedef struct
{
  guint8 kind;
  OnwardTreeEntry entries[4];
  HeadFrame frames[HEAD_LIES_N_FRAMES];
  guint8 references[96];
  HeadLocation locations[3];
  gsize n_locations;
  gsize repeat_frames;
  gsize cut_tree;
  gint64 pack_size_off;
} HeadParts;

/* One of these, and with what code it is refused. */
typedef struct
{
  const char *name;
  OnwardPackKind kind;
  HeadField field;
  guint index;
  guint64 value;
  OnwardError code;
} HeadLie;

/* Four files, two of them equal, in two frames; the delta leaves out the third content. */
HeadParts      head_lies_make_parts (OnwardPackKind kind);
GBytes        *head_lies_serialize  (const HeadParts *parts);
/* The size that the whole pack is said to have. */
guint64        head_lies_pack_size  (const HeadParts *parts, GBytes *head);
void           head_lies_apply      (HeadParts *parts, const HeadLie *lie);
/* Each is wrong in one way. */
const HeadLie *head_lies_get        (guint *ret_n_lies);

G_END_DECLS
