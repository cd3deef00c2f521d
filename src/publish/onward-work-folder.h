/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

/* The path of a folder for large temporary files, which goes away with all it holds. */
typedef char OnwardWorkFolder;

OnwardWorkFolder *onward_work_folder_new  (OnwardRepository *repository, GError **error);
void              onward_work_folder_free (OnwardWorkFolder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardWorkFolder, onward_work_folder_free)

G_END_DECLS
