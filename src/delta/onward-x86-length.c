/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-x86-length.h"

/* What follows each opcode, in 64-bit mode:
 *   -  nothing                       m  an operand
 *   b  8 bits                        B  an operand, then 8 bits
 *   z  32 bits, 16 with 66           Z  an operand, then as z
 *   r  a distance of 32 bits         W  64 bits with REX.W, else as z
 *   A  64 bits, 32 with 67           H  16 bits         E  24 bits
 *   t  an operand, then 8 bits when it is a test        T  the same, as z */
static const char one_byte[] = "mmmmbz--mmmmbz--"
                               "mmmmbz--mmmmbz--"
                               "mmmmbz--mmmmbz--"
                               "mmmmbz--mmmmbz--"
                               "----------------"
                               "----------------"
                               "---m----zZbB----"
                               "bbbbbbbbbbbbbbbb"
                               "BZBBmmmmmmmmmmmm"
                               "----------------"
                               "AAAA----bz------"
                               "bbbbbbbbWWWWWWWW"
                               "BBH---BZE-H--b--"
                               "mmmm----mmmmmmmm"
                               "bbbbbbbbrr-b----"
                               "------tT------mm";
/* The same behind 0F. */
static const char two_bytes[] = "mmmmm-----m-mm-B"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "------m-mmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "BBBBmmm-mmmmmmmm"
                                "rrrrrrrrrrrrrrrr"
                                "mmmmmmmmmmmmmmmm"
                                "---mBmmm---mBmmm"
                                "mmmmmmmmmmBmmmmm"
                                "mmBmBBBm--------"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm";

G_STATIC_ASSERT (sizeof one_byte == 257 && sizeof two_bytes == 257);

/* The beginning of an instruction: its prefixes and what follows its opcode. */
typedef struct
{
  gboolean has_66;
  gboolean has_67;
  gboolean has_rex_w;
  guint n_prefixes;
  char form;
} Opening;

static gboolean
read_prefix (Opening *self, guint8 byte)
{
  switch (byte)
    {
    case 0x66:
      self->has_66 = TRUE;
      return TRUE;
    case 0x67:
      self->has_67 = TRUE;
      return TRUE;
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
    case 0xf0:
    case 0xf2:
    case 0xf3:
      return TRUE;
    default:
      return FALSE;
    }
}

/* VEX and EVEX instructions take an operand but for vzeroupper, and their map says what follows. */
static char
find_vector_form (guint map, guint8 opcode)
{
  if (map == 3)
    return 'B';
  if (map != 1 || (opcode & 0xf0) == 0x80 || opcode == 0x0f)
    return 'm';
  return two_bytes[opcode];
}

static const guint8 *
read_opcode (Opening *self, const guint8 *code)
{
  guint8 opcode = *code++;

  switch (opcode)
    {
    case 0x0f:
      opcode = *code++;
      self->form = opcode == 0x38 ? 'm' : opcode == 0x3a ? 'B' : two_bytes[opcode];
      return opcode == 0x38 || opcode == 0x3a ? code + 1 : code;
    case 0xc5:
      self->form = find_vector_form (1, code[1]);
      return code + 2;
    case 0xc4:
      self->form = find_vector_form (code[0] & 0x1f, code[2]);
      return code + 3;
    case 0x62:
      self->form = find_vector_form (code[0] & 7, code[3]);
      if (self->form == '-')
        self->form = 'm';
      return code + 4;
    default:
      self->form = one_byte[opcode];
      return code;
    }
}

static const guint8 *
read_opening (Opening *self, const guint8 *code)
{
  while (self->n_prefixes < 6 && read_prefix (self, *code))
    {
      self->n_prefixes++;
      code++;
    }
  if ((*code & 0xf0) == 0x40)
    self->has_rex_w = (*code++ & 8) != 0;
  return read_opcode (self, code);
}

static guint
measure_immediate (const Opening *self)
{
  guint normal = self->has_66 ? 2 : 4;

  switch (self->form)
    {
    case 'b':
    case 'B':
    case 't':
      return 1;
    case 'H':
      return 2;
    case 'E':
      return 3;
    case 'z':
    case 'Z':
    case 'T':
      return normal;
    case 'W':
      return self->has_rex_w ? 8 : normal;
    case 'A':
      return self->has_67 ? 4 : 8;
    default:
      return 0;
    }
}

static gboolean
has_operand (const Opening *self)
{
  switch (self->form)
    {
    case 'm':
    case 'B':
    case 'Z':
    case 't':
    case 'T':
      return TRUE;
    default:
      return FALSE;
    }
}

/* The ModRM byte and what it brings; @ret_distance is set when it is a distance to memory. */
static const guint8 *
read_operand (const guint8 *code, const guint8 **ret_distance)
{
  guint mode = *code >> 6;
  guint base = *code++ & 7;

  if (mode == 3)
    return code;
  if (base == 4)
    base = mode == 0 && (*code & 7) == 5 ? (code++, 8) : (code++, 4);
  else if (mode == 0 && base == 5)
    {
      *ret_distance = code;
      return code + 4;
    }

  if (mode == 1)
    return code + 1;
  return mode == 2 || base == 8 ? code + 4 : code;
}

/**
 * onward_x86_length_decode:
 * @ret_instruction: (out): what is known of it
 * @code: at least %ONWARD_X86_MAX_LENGTH readable bytes
 *
 * Measures an x86-64 instruction and finds the distance in it that is relative to its end. What is
 * no instruction counts as one of some length: a sweep gets into step again soon.
 */
void
onward_x86_length_decode (OnwardX86Instruction *ret_instruction, const guint8 *code)
{
  Opening opening = { 0 };
  const guint8 *at = read_opening (&opening, code);
  const guint8 *distance = NULL;
  guint immediate = measure_immediate (&opening);

  ret_instruction->reference = ONWARD_X86_NOTHING;
  if (opening.n_prefixes == 6)
    {
      ret_instruction->length = 1;
      return;
    }

  if (opening.form == 'r')
    {
      ret_instruction->reference = ONWARD_X86_BRANCH;
      distance = at;
      at += 4;
    }
  else if (has_operand (&opening))
    {
      if ((opening.form == 't' || opening.form == 'T') && (*at & 0x38) > 8)
        immediate = 0;
      at = read_operand (at, &distance);
      if (distance != NULL)
        ret_instruction->reference = ONWARD_X86_MEMORY;
    }

  if (distance != NULL)
    ret_instruction->field = (guint) (distance - code);
  ret_instruction->length = (guint) (at - code) + immediate;
}
