/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-repository.h"

G_BEGIN_DECLS

/**
 * OnwardUrgency:
 * @ONWARD_URGENCY_NONE: nothing is to be done
 * @ONWARD_URGENCY_SOON: something is to be done before long
 * @ONWARD_URGENCY_NOW: clients suffer, or somebody else could
 *
 * How much a finding matters.
 */
typedef enum
{
  ONWARD_URGENCY_NONE,
  ONWARD_URGENCY_SOON,
  ONWARD_URGENCY_NOW,
} OnwardUrgency;

/* One thing that was looked at: what it is, how it is, and what is to be done about it. */
typedef struct
{
  OnwardUrgency urgency;
  const char *subject;
  char *text;   /* (owned) */
  char *advice; /* (owned) (nullable) */
} OnwardFinding;

GPtrArray *onward_health_examine (OnwardRepository *repository, OnwardKeyring *keyring);

G_END_DECLS
