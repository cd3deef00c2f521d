/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char    *onward_test_make_dir      (void);
void     onward_test_remove_dir    (char *dir);
void     onward_test_write         (const char *dir, const char *name, const char *contents);
char    *onward_test_read          (const char *dir, const char *name);

void     onward_test_store_result  (GObject *source, GAsyncResult *result, gpointer user_data);
void     onward_test_await         (GAsyncResult **result);

/* An owned temporary folder, removed with all it holds at the end of the scope. */
typedef char OnwardTestDir;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTestDir, onward_test_remove_dir)

G_END_DECLS
