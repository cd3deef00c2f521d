/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An instruction has at most 15 bytes; so many must be readable. */
#define ONWARD_X86_MAX_LENGTH 16

typedef enum
{
  ONWARD_X86_NOTHING,
  ONWARD_X86_BRANCH,
  ONWARD_X86_MEMORY,
} OnwardX86Reference;

/**
 * OnwardX86Instruction:
 * @length: its bytes
 * @reference: whether it refers to something at a distance of 32 bits: code, or memory
 * @field: where in it that distance is
 *
 * What is known of one instruction.
 */
typedef struct
{
  guint length;
  OnwardX86Reference reference;
  guint field;
} OnwardX86Instruction;

void onward_x86_length_decode (OnwardX86Instruction *ret_instruction, const guint8 *code);

G_END_DECLS
