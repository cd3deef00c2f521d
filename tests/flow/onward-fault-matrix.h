/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-fault-scenario.h"

G_BEGIN_DECLS

/* To which request a server misbehaves; to all others it answers as it should. */
typedef enum
{
  ONWARD_FAULT_FIRST,  /* the first */
  ONWARD_FAULT_REST,   /* the one for the rest of a file whose half has come; else the first */
  ONWARD_FAULT_ALWAYS, /* every one */
} OnwardFaultMoment;

/* Instead of an error: the right thing arrived; or the older root stands, which is right too. */
enum
{
  ONWARD_FAULT_RIGHT = -1,
  ONWARD_FAULT_OLDER = -2,
};

/* What becomes of it: the error, and how many requests it took (0: it does not matter). */
typedef struct
{
  int code;
  guint requests;
} OnwardFaultVerdict;

/**
 * OnwardFaultBehaviour:
 * @number: of the behaviour, as servers were found to behave
 * @name: what it does
 * @moment: when
 * @line: how, in the words of onward-fault.h; "{secure}" is a server whose certificate nobody knows
 * @verdicts: what becomes of a root, a timestamp, targets, a release document and a pack
 * @again: how much of a pack may come twice, in percent
 * @waits: whether a deadline has to pass
 *
 * One line of the specification.
 */
typedef struct
{
  guint number;
  const char *name;
  OnwardFaultMoment moment;
  const char *line;
  OnwardFaultVerdict verdicts[ONWARD_FAULT_N_THINGS];
  guint again;
  gboolean waits;
} OnwardFaultBehaviour;

#define ONWARD_FAULT_N_NUMBERS 48

const OnwardFaultBehaviour *onward_fault_matrix_get (guint index); /* NULL after the last */

G_END_DECLS
