/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "onward-client.h"
#include "onward-clock.h"
#include "onward-error.h"
#include "onward-exit.h"
#include "onward-explanation.h"
#include "onward-obstacle.h"
#include "onward-release.h"
#include "onward-state.h"
#include "onward-status.h"
#include "onward-visibility.h"
