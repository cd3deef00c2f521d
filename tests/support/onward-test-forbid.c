/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "onward-test-forbid.h"
#include "onward-test-sanitizers.h"

#ifdef ONWARD_TEST_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

/**
 * onward_test_forbid:
 * @call: a system call
 * @argument: which of its arguments says what is forbidden
 * @bits: what is forbidden is a call with all of these in @argument; 0: every call
 * @reason: with which errno it fails from now on
 *
 * As in a sandbox, or on a kernel or file system that does not know the call. Holds for this
 * process and its children, and nothing takes it back: it comes last.
 */
void
onward_test_forbid (int call, guint argument, guint32 bits, int reason)
{
  struct sock_filter steps[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (guint32) call, 0, 4),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS,
              offsetof (struct seccomp_data, args) + argument * sizeof (guint64)),
    BPF_STMT (BPF_ALU | BPF_AND | BPF_K, bits),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (guint32) reason),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog filter = { G_N_ELEMENTS (steps), steps };

  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint (
      syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter), ==, 0);
}

static gpointer
do_nothing (gpointer data)
{
  return data;
}

/**
 * onward_test_forbid_threads:
 *
 * Lets no thread be made any more, as where a user has as many as are allowed.
 */
void
onward_test_forbid_threads (void)
{
#ifdef ONWARD_TEST_SANITIZED
  /* It takes a thread to look for leaks: that is done here, and no more at the end. */
  __lsan_do_leak_check ();
#endif
  onward_test_forbid (SYS_clone, 0, 0, EAGAIN);
  onward_test_forbid (SYS_clone3, 0, 0, EAGAIN);
  g_assert_null (g_thread_try_new ("none", do_nothing, NULL, NULL));
}
