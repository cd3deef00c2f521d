/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"

G_BEGIN_DECLS

/* The components of a version that are not here are named by its receipt, and by nothing else:
 * onward_install_load_receipt() gives a tree without them. */

/**
 * OnwardComponent:
 * @name: its name
 * @is_present: whether it is part of the version here
 * @size: the size of its files in bytes
 *
 * A component of an installed version.
 */
typedef struct
{
  char *name;
  gboolean is_present;
  guint64 size;
} OnwardComponent;

void       onward_component_free         (OnwardComponent *self);
/* (transfer full) (element-type OnwardComponent): sorted by name. */
GPtrArray *onward_component_list         (OnwardInstall *install, const char *version,
                                          GError **error);

/* Which components of @tree an update leaves out: those that are left out now. */
char     **onward_component_choose       (OnwardTree *installed, OnwardTree *tree,
                                          const char * const *on_demand);
gboolean   onward_component_agree        (OnwardTree *a, OnwardTree *b);
/* Those of which nothing is there. */
char     **onward_component_look         (OnwardInstall *install, const char *version,
                                          OnwardTree *tree);
gboolean   onward_component_load_receipt (OnwardInstall *install, const char *version,
                                          OnwardTree **ret_tree, GError **error);
/* The part of @tree that is, or with @added ought to be, in @version here. */
OnwardTree *onward_component_find_part   (OnwardInstall *install, const char *version,
                                          OnwardTree *tree, const char *added, GError **error);
/* NOT_FOUND, with the names that there are, when @name is none. */
gboolean   onward_component_check_name   (OnwardTree *tree, const char *version, const char *name,
                                          GError **error);
char     **onward_component_dup_present  (OnwardTree *tree);
gboolean   onward_component_is_absent    (OnwardTree *tree, const char *name);
/* Whether what should be there of @name is, at a glance. */
gboolean   onward_component_is_here      (OnwardInstall *install, const char *version,
                                          OnwardTree *tree, const char *name);
/* Says that @name is gone; onward_component_sweep() takes its files away. */
gboolean   onward_component_remove       (OnwardInstall *install, const char *version,
                                          const char *name, GError **error);
/* Takes away what is in @version of components that are not here, unless a copy of it runs. */
gboolean   onward_component_sweep        (OnwardInstall *install, const char *version,
                                          GCancellable *cancellable, GError **error);

G_END_DECLS
