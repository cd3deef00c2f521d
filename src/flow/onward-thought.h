/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-install.h"
#include "onward-plan.h"
#include "onward-targets.h"

G_BEGIN_DECLS

/**
 * OnwardThought:
 * @install: the install
 * @document: of the release to get to
 * @targets: (nullable): the verified targets
 * @releases: (nullable) (element-type OnwardRelease): all that they list for this install
 * @use_deltas: whether delta packs may be used
 * @avoided: (element-type OnwardDigest): packs that are of no use
 * @judged: (element-type OnwardDigest): packs whose requirements were looked at
 * @damaged: (element-type OnwardDigest): contents that the installed version should have
 * @documents: (element-type OnwardReleaseDocument): those that are known, @document among them
 * @asked: targets that were asked for
 * @fetched: (element-type OnwardDigest): packs whose head is on the disk
 * @installed: (nullable): the tree of the installed version
 * @here: (element-type OnwardDigest): what of it is whole
 * @heads: those that were read, by the digest of their packs
 * @problem: (nullable): why the last pack that is avoided could not be had
 * @is_reread: whether the disk has failed to give a head back once already
 * @ask_target: (nullable): a release document that is to be asked for
 * @ask_pack: (nullable): a pack whose head is to be fetched
 * @plan: (nullable): the result
 *
 * The choice of a way, while what it depends on is being learnt: each run ends with a plan or a
 * question, and what the answer was is put in before the next.
 */
typedef struct
{
  OnwardInstall *install;          /* (unowned) */
  OnwardReleaseDocument *document; /* (owned) */
  OnwardTargets *targets;          /* (owned) */
  GPtrArray *releases;             /* (owned) */
  gboolean use_deltas;
  GHashTable *avoided;             /* (owned) */
  GHashTable *judged;              /* (owned) */
  GHashTable *damaged;             /* (owned) */

  GPtrArray *documents;            /* (owned) */
  GHashTable *asked;               /* (owned): of OnwardTarget, borrowed */
  GHashTable *fetched;             /* (owned) */
  OnwardTree *installed;           /* (owned) */
  GHashTable *here;                /* (owned) */
  GHashTable *heads;               /* (owned) */
  GError *problem;                 /* (owned) */
  gboolean is_reread;

  OnwardTarget *ask_target;        /* (unowned) */
  OnwardPackInfo *ask_pack;        /* (owned) */
  OnwardPlan *plan;                /* (owned) */
} OnwardThought;

OnwardThought *onward_thought_new  (OnwardInstall *install, OnwardReleaseDocument *document);
void           onward_thought_free (OnwardThought *self);
gboolean       onward_thought_run  (OnwardThought *self, GCancellable *cancellable,
                                    GError **error);

void           onward_thought_add_digest  (GHashTable *digests, const OnwardDigest *digest);
void           onward_thought_add_digests (GHashTable *digests, GHashTable *others);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardThought, onward_thought_free)

G_END_DECLS
