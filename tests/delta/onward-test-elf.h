/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A program of @n_functions that call each other and point at data, for @machine of ELF. The same
 * @seed gives the same functions; @n_inserted more bytes here and there move them. */
GBytes *onward_test_elf_new     (guint16 machine, guint32 seed, guint n_functions,
                                 guint n_inserted);
/* The same bytes, which are no program. */
GBytes *onward_test_elf_disguise (GBytes *program);

G_END_DECLS
