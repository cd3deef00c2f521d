/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-x86-length.h"

/* clang-format off */
static const struct
{
  const char *name;
  guint8 code[ONWARD_X86_MAX_LENGTH + 1];
  guint length;
  OnwardX86Reference reference;
  guint field;
} cases[] = {
  { "nop",                     "\x90",                                     1,  ONWARD_X86_NOTHING, 0 },
  { "ret",                     "\xc3",                                     1,  ONWARD_X86_NOTHING, 0 },
  { "ret 8",                   "\xc2\x08\x00",                             3,  ONWARD_X86_NOTHING, 0 },
  { "enter",                   "\xc8\x01\x00\x00",                         4,  ONWARD_X86_NOTHING, 0 },
  { "call",                    "\xe8\x01\x02\x03\x04",                     5,  ONWARD_X86_BRANCH,  1 },
  { "jmp",                     "\xe9\x01\x02\x03\x04",                     5,  ONWARD_X86_BRANCH,  1 },
  { "jmp short",               "\xeb\x01",                                 2,  ONWARD_X86_NOTHING, 0 },
  { "jne",                     "\x0f\x85\x01\x02\x03\x04",                 6,  ONWARD_X86_BRANCH,  2 },
  { "lea rax, [rip+n]",        "\x48\x8d\x05\x01\x02\x03\x04",             7,  ONWARD_X86_MEMORY,  3 },
  { "mov [rip+n], 32 bits",    "\xc7\x05\x01\x02\x03\x04\x05\x06\x07\x08", 10, ONWARD_X86_MEMORY,  2 },
  { "mov [rip+n], 16 bits",    "\x66\xc7\x05\x01\x02\x03\x04\x05\x06",     9,  ONWARD_X86_MEMORY,  3 },
  { "cmp byte [rip+n], 8",     "\x80\x3d\x01\x02\x03\x04\x05",             7,  ONWARD_X86_MEMORY,  2 },
  { "mov eax, 32 bits",        "\xb8\x01\x02\x03\x04",                     5,  ONWARD_X86_NOTHING, 0 },
  { "mov rax, 64 bits",        "\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08", 10, ONWARD_X86_NOTHING, 0 },
  { "mov ax, 16 bits",         "\x66\xb8\x01\x02",                         4,  ONWARD_X86_NOTHING, 0 },
  { "mov rax, [rsp+8]",        "\x48\x8b\x44\x24\x08",                     5,  ONWARD_X86_NOTHING, 0 },
  { "mov rax, [rsp+n]",        "\x48\x8b\x84\x24\x01\x02\x03\x04",         8,  ONWARD_X86_NOTHING, 0 },
  { "mov eax, [n]",            "\x8b\x04\x25\x01\x02\x03\x04",             7,  ONWARD_X86_NOTHING, 0 },
  { "mov eax, [rbp+n]",        "\x8b\x85\x01\x02\x03\x04",                 6,  ONWARD_X86_NOTHING, 0 },
  { "test eax, n",             "\xf7\xc0\x01\x02\x03\x04",                 6,  ONWARD_X86_NOTHING, 0 },
  { "neg eax",                 "\xf7\xd8",                                 2,  ONWARD_X86_NOTHING, 0 },
  { "test al, n",              "\xf6\xc0\x01",                             3,  ONWARD_X86_NOTHING, 0 },
  { "imul eax, ecx, n",        "\x69\xc1\x01\x02\x03\x04",                 6,  ONWARD_X86_NOTHING, 0 },
  { "endbr64",                 "\xf3\x0f\x1e\xfa",                         4,  ONWARD_X86_NOTHING, 0 },
  { "movss xmm0, [rip+n]",     "\xf3\x0f\x10\x05\x01\x02\x03\x04",         8,  ONWARD_X86_MEMORY,  4 },
  { "pshufd",                  "\x66\x0f\x70\xc1\x01",                     5,  ONWARD_X86_NOTHING, 0 },
  { "pshufb",                  "\x66\x0f\x38\x00\xc1",                     5,  ONWARD_X86_NOTHING, 0 },
  { "palignr",                 "\x66\x0f\x3a\x0f\xc1\x01",                 6,  ONWARD_X86_NOTHING, 0 },
  { "vzeroupper",              "\xc5\xf8\x77",                             3,  ONWARD_X86_NOTHING, 0 },
  { "vmovaps xmm0, [rip+n]",   "\xc5\xf8\x28\x05\x01\x02\x03\x04",         8,  ONWARD_X86_MEMORY,  4 },
  { "vpblendd, 3 byte VEX",    "\xc4\xe3\x7d\x02\xc1\x01",                 6,  ONWARD_X86_NOTHING, 0 },
  { "vmovdqu64, EVEX",         "\x62\xf1\xfe\x48\x6f\x07",                 6,  ONWARD_X86_NOTHING, 0 },
  { "syscall",                 "\x0f\x05",                                 2,  ONWARD_X86_NOTHING, 0 },
  { "prefixes without end",    "\x66\x66\x66\x66\x66\x66\x66\x90",         1,  ONWARD_X86_NOTHING, 0 },
};
/* clang-format on */

/* Instructions of every form are as long as they are, and their distances where they are. */
static void
test_lengths (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OnwardX86Instruction instruction;

      onward_x86_length_decode (&instruction, cases[i].code);
      g_test_message ("%s", cases[i].name);
      g_assert_cmpuint (instruction.length, ==, cases[i].length);
      g_assert_cmpint (instruction.reference, ==, cases[i].reference);
      if (instruction.reference != ONWARD_X86_NOTHING)
        g_assert_cmpuint (instruction.field, ==, cases[i].field);
    }
}

/* Whatever the bytes are, an instruction has a length that a sweep can go on by. */
static void
test_anything (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < 200000; i++)
    {
      guint8 code[ONWARD_X86_MAX_LENGTH];
      OnwardX86Instruction instruction;

      for (guint n = 0; n < sizeof code; n++)
        code[n] = (guint8) g_rand_int (random);
      onward_x86_length_decode (&instruction, code);
      g_assert_cmpuint (instruction.length, >, 0);
      if (instruction.reference != ONWARD_X86_NOTHING)
        g_assert_cmpuint (instruction.field + 4, <=, instruction.length);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/x86-length/lengths", test_lengths);
  g_test_add_func ("/x86-length/anything", test_anything);
  return g_test_run ();
}
