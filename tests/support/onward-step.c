/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "onward-step.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "Registers are known of x86-64 and AArch64 only"
#endif

/* Where a call says what it changes. */
typedef enum
{
  AT_FD,   /* a descriptor */
  AT_PATH, /* a path */
  AT_PAIR, /* a folder's descriptor, and a path in the next argument */
} Place;

/* Calls that change something only with certain arguments. */
typedef enum
{
  ALWAYS,
  WITH_FLAGS,     /* of open(), in the argument after the path */
  WITH_HOW,       /* of openat2(), in a structure */
  WHEN_DUPLICATE, /* ioctl() that shares the extents of another file */
  READING,        /* changes nothing, and can fail all the same */
} Condition;

typedef struct
{
  long number;
  const char *name;
  Place place;
  guint argument;
  Condition condition;
} Call;

/* clang-format off */
static const Call calls[] = {
  { __NR_openat, "open", AT_PAIR, 0, WITH_FLAGS },
  { __NR_openat2, "open", AT_PAIR, 0, WITH_HOW },
  { __NR_write, "write", AT_FD, 0, ALWAYS },
  { __NR_pwrite64, "write", AT_FD, 0, ALWAYS },
  { __NR_writev, "write", AT_FD, 0, ALWAYS },
  { __NR_pwritev, "write", AT_FD, 0, ALWAYS },
  { __NR_pwritev2, "write", AT_FD, 0, ALWAYS },
  { __NR_sendfile, "copy", AT_FD, 0, ALWAYS },
  { __NR_copy_file_range, "copy", AT_FD, 2, ALWAYS },
  { __NR_ioctl, "clone", AT_FD, 0, WHEN_DUPLICATE },
  { __NR_ftruncate, "truncate", AT_FD, 0, ALWAYS },
  { __NR_truncate, "truncate", AT_PATH, 0, ALWAYS },
  { __NR_fallocate, "fallocate", AT_FD, 0, ALWAYS },
  { __NR_fsync, "fsync", AT_FD, 0, ALWAYS },
  { __NR_fdatasync, "fsync", AT_FD, 0, ALWAYS },
  { __NR_syncfs, "syncfs", AT_FD, 0, ALWAYS },
  { __NR_renameat2, "rename", AT_PAIR, 2, ALWAYS },
  { __NR_renameat, "rename", AT_PAIR, 2, ALWAYS },
  { __NR_linkat, "link", AT_PAIR, 2, ALWAYS },
  { __NR_symlinkat, "symlink", AT_PAIR, 1, ALWAYS },
  { __NR_unlinkat, "unlink", AT_PAIR, 0, ALWAYS },
  { __NR_mkdirat, "mkdir", AT_PAIR, 0, ALWAYS },
  { __NR_mknodat, "mknod", AT_PAIR, 0, ALWAYS },
  { __NR_fchmod, "chmod", AT_FD, 0, ALWAYS },
  { __NR_fchmodat, "chmod", AT_PAIR, 0, ALWAYS },
  { __NR_fchown, "chown", AT_FD, 0, ALWAYS },
  { __NR_fchownat, "chown", AT_PAIR, 0, ALWAYS },
  { __NR_utimensat, "utimens", AT_PAIR, 0, ALWAYS },
  { __NR_fsetxattr, "setxattr", AT_FD, 0, ALWAYS },
  { __NR_read, "read", AT_FD, 0, READING },
  { __NR_pread64, "read", AT_FD, 0, READING },
  { __NR_getdents64, "list", AT_FD, 0, READING },
  { __NR_flock, "lock", AT_FD, 0, READING },
  { __NR_fstatfs, "statfs", AT_FD, 0, READING },
  { __NR_mmap, "map", AT_FD, 4, READING },
  { __NR_readlinkat, "readlink", AT_PAIR, 0, READING },
  { __NR_newfstatat, "stat", AT_PAIR, 0, READING },
  { __NR_statx, "stat", AT_PAIR, 0, READING },
  { __NR_faccessat, "access", AT_PAIR, 0, READING },
  { __NR_faccessat2, "access", AT_PAIR, 0, READING },
#ifdef __NR_open
  { __NR_open, "open", AT_PATH, 0, WITH_FLAGS },
  { __NR_creat, "open", AT_PATH, 0, ALWAYS },
  { __NR_rename, "rename", AT_PATH, 1, ALWAYS },
  { __NR_link, "link", AT_PATH, 1, ALWAYS },
  { __NR_symlink, "symlink", AT_PATH, 1, ALWAYS },
  { __NR_unlink, "unlink", AT_PATH, 0, ALWAYS },
  { __NR_rmdir, "unlink", AT_PATH, 0, ALWAYS },
  { __NR_mkdir, "mkdir", AT_PATH, 0, ALWAYS },
  { __NR_mknod, "mknod", AT_PATH, 0, ALWAYS },
  { __NR_chmod, "chmod", AT_PATH, 0, ALWAYS },
  { __NR_chown, "chown", AT_PATH, 0, ALWAYS },
  { __NR_lchown, "chown", AT_PATH, 0, ALWAYS },
  { __NR_utimes, "utimens", AT_PATH, 0, ALWAYS },
  { __NR_readlink, "readlink", AT_PATH, 0, READING },
  { __NR_access, "access", AT_PATH, 0, READING },
#endif
};
/* clang-format on */

/**
 * onward_step_new_filter:
 * @with_reads: whether it stops at calls that change nothing as well
 * @is_plain: whether it is refused what not every kernel and file system has: openat2(), nameless
 *   files, and all that renameat2() can do more than renameat()
 *
 * A thread under this filter runs at full speed but for the calls of the table, at which it stops
 * for its tracer.
 *
 * Returns: (transfer full): the filter
 */
struct sock_fprog *
onward_step_new_filter (gboolean with_reads, gboolean is_plain)
{
  const struct sock_filter head[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
  };
  const struct sock_filter refusals[] = {
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_openat2, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[4])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[2])),
    BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
  };
  const struct sock_filter allow = BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog *filter = g_new0 (struct sock_fprog, 1);
  GArray *program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));

  g_array_append_vals (program, head, G_N_ELEMENTS (head));
  if (is_plain)
    g_array_append_vals (program, refusals, G_N_ELEMENTS (refusals));
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      const struct sock_filter pair[] = {
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (guint) calls[i].number, 0, 1),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_TRACE),
      };

      if (with_reads || calls[i].condition != READING)
        g_array_append_vals (program, pair, G_N_ELEMENTS (pair));
    }
  g_array_append_val (program, allow);

  filter->len = (unsigned short) program->len;
  filter->filter = (struct sock_filter *) g_array_free (program, FALSE);
  return filter;
}

/**
 * onward_step_free_filter:
 * @filter: (transfer full): a filter
 */
void
onward_step_free_filter (struct sock_fprog *filter)
{
  g_free (filter->filter);
  g_free (filter);
}

static gboolean
read_memory (pid_t pid, guint64 address, gpointer buffer, gsize size)
{
  struct iovec local = { buffer, size };
  struct iovec remote = { (gpointer) (gsize) address, size };

  return process_vm_readv (pid, &local, 1, &remote, 1, 0) == (gssize) size;
}

/* Page by page: what follows the string may not be readable. */
static char *
read_string (pid_t pid, guint64 address)
{
  char text[PATH_MAX + 1] = "";
  gsize length = 0;

  while (address != 0 && length < PATH_MAX)
    {
      gsize piece = MIN (4096 - (address + length) % 4096, PATH_MAX - length);

      if (!read_memory (pid, address + length, text + length, piece))
        return NULL;
      if (memchr (text + length, '\0', piece) != NULL)
        return g_strdup (text);
      length += piece;
    }

  return NULL;
}

static char *
read_place (pid_t pid, const char *name)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/%s", pid, name);
  char target[PATH_MAX + 1];
  gssize length = readlink (link, target, sizeof target - 1);

  return length > 0 ? g_strndup (target, (gsize) length) : NULL;
}

static char *
path_of_fd (pid_t pid, int fd)
{
  g_autofree char *name = g_strdup_printf ("fd/%d", fd);

  return read_place (pid, fd == AT_FDCWD ? "cwd" : name);
}

static char *
path_of_pair (pid_t pid, int dirfd, guint64 address)
{
  g_autofree char *path = read_string (pid, address);
  g_autofree char *folder = NULL;

  if (path != NULL && g_str_has_prefix (path, "/proc/self/fd/"))
    return path_of_fd (pid, atoi (path + strlen ("/proc/self/fd/")));
  if (path != NULL && path[0] == '/')
    return g_steal_pointer (&path);

  /* futimens() has a descriptor and no path. */
  folder = path_of_fd (pid, dirfd);
  if (folder == NULL || path == NULL || path[0] == '\0')
    return g_steal_pointer (&folder);
  return g_build_filename (folder, path, NULL);
}

static gboolean
is_changing (pid_t pid, const Call *call, const guint64 *arguments)
{
  guint64 flags = arguments[call->argument + (call->place == AT_PAIR ? 2 : 1)];
  struct open_how how = { 0 };

  switch (call->condition)
    {
    case READING:
      return FALSE;
    case ALWAYS:
      return TRUE;
    case WITH_HOW:
      if (!read_memory (pid, flags, &how, sizeof how))
        return FALSE;
      flags = how.flags;
      return (flags & (O_CREAT | O_TRUNC)) != 0;
    case WITH_FLAGS:
      return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    case WHEN_DUPLICATE:
      return arguments[1] == FICLONE || arguments[1] == FICLONERANGE;
    }

  g_return_val_if_reached (FALSE);
}

static char *
find_path (pid_t pid, const Call *call, const guint64 *arguments)
{
  guint64 first = arguments[call->argument];

  switch (call->place)
    {
    case AT_FD:
      return path_of_fd (pid, (int) first);
    case AT_PATH:
      return path_of_pair (pid, AT_FDCWD, first);
    case AT_PAIR:
      return path_of_pair (pid, (int) first, arguments[call->argument + 1]);
    }

  g_return_val_if_reached (NULL);
}

/**
 * onward_step_read:
 * @pid: a thread that the filter has stopped
 * @with_reads: whether calls that change nothing are steps as well
 *
 * Returns: (transfer full) (nullable): the step, or %NULL when the call is none
 */
OnwardStep *
onward_step_read (pid_t pid, gboolean with_reads)
{
  struct __ptrace_syscall_info info = { 0 };
  OnwardStep *self;

  if (ptrace (PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0 ||
      info.op != PTRACE_SYSCALL_INFO_SECCOMP)
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      if ((guint64) calls[i].number != info.seccomp.nr)
        continue;
      if (!with_reads && !is_changing (pid, &calls[i], info.seccomp.args))
        return NULL;

      self = g_new0 (OnwardStep, 1);
      self->name = calls[i].name;
      self->path = find_path (pid, &calls[i], info.seccomp.args);
      return self;
    }

  return NULL;
}

/**
 * onward_step_free:
 * @self: (transfer full): a step
 */
void
onward_step_free (OnwardStep *self)
{
  g_free (self->path);
  g_free (self);
}

#if defined(__x86_64__)

gboolean
onward_step_suppress (pid_t pid)
{
  return ptrace (PTRACE_POKEUSER, pid, offsetof (struct user_regs_struct, orig_rax), -1L) == 0;
}

gboolean
onward_step_answer (pid_t pid, long value)
{
  return ptrace (PTRACE_POKEUSER, pid, offsetof (struct user_regs_struct, rax), value) == 0;
}

#else

gboolean
onward_step_suppress (pid_t pid)
{
  int none = -1;
  struct iovec data = { &none, sizeof none };

  return ptrace (PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &data) == 0;
}

gboolean
onward_step_answer (pid_t pid, long value)
{
  struct user_regs_struct registers;
  struct iovec data = { &registers, sizeof registers };

  if (ptrace (PTRACE_GETREGSET, pid, NT_PRSTATUS, &data) < 0)
    return FALSE;
  registers.regs[0] = (guint64) value;
  return ptrace (PTRACE_SETREGSET, pid, NT_PRSTATUS, &data) == 0;
}

#endif
