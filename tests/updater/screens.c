/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "screens.h"

#include <json-glib/json-glib.h>

#include "onward-clock.h"
#include "onward-error.h"
#include "onward-release-private.h"

#define MB G_GUINT64_CONSTANT (1000000)

typedef struct
{
  const char *version;
  const char *date;
  const char *severity;
  const char *notes; /* the members of a language → CommonMark object */
} Note;

typedef struct
{
  const char *name;
  OnwardStatusFields fields;
  guint releases;   /* how many of the notes below, counted from the newest */
  guint retry_in;   /* seconds */
  OnwardError code; /* of a failure */
  const char *message;
} Screen;

/* clang-format off */
static const Note notes[] = {
  { "2.4.0", "2026-10-02", "normal",
    "\"en\":\"* Search finds text in scanned pages. [More about it](https://inkwell.example/search)\\n"
    "* Starts **twice as fast** on large libraries\\n* New command line switch `--notebook NAME`\","
    "\"zh_CN\":\"* 搜索可以找到扫描页面中的文字。[了解更多](https://inkwell.example/search)\\n"
    "* 大型笔记库的启动速度**提高一倍**\\n* 新的命令行选项 `--notebook NAME`\"" },
  { "2.3.0", "2026-08-14", "normal",
    "\"en\":\"## Writing\\n\\nA calmer editor: the toolbar *stays out of the way*.\\n\\n"
    "1. Tables\\n2. Footnotes\\n\\n> Old notebooks open unchanged.\\n\\n    inkwell --safe\"" },
  { "2.2.0", "2026-06-03", "security",
    "\"en\":\"* Links in shared notebooks are checked before they are opened\","
    "\"zh_CN\":\"* 打开共享笔记本中的链接之前会先进行检查\"" },
  { "2.1.2", "2026-05-20", "normal", NULL },
  { "2.1.1", "2026-05-11", "normal", "\"en\":\"Small corrections.\"" },
  { "2.0.9", "2026-05-04", "normal", "\"en\":\"Small corrections.\"" },
  { "2.0.8", "2026-04-28", "normal", "\"en\":\"Small corrections.\"" },
  { "2.0.7", "2026-04-20", "normal", "\"en\":\"Small corrections.\"" },
};

#define TRANSFER .described = TRUE, .bytes_total = 12400000, .full_size = 68 * MB
#define UNDER_WAY TRANSFER, .bytes_done = 5100000, .progress = 0.37

static const Screen screens[] = {
  { "checking", { .state = ONWARD_STATE_CHECKING } },
  { "available", { .state = ONWARD_STATE_AVAILABLE, TRANSFER }, 2 },
  { "available-lost", { .state = ONWARD_STATE_AVAILABLE, TRANSFER, .lost = (const char *const[]) { "maps", "voices", NULL } }, 2 },
  { "forced-lost", { .state = ONWARD_STATE_AVAILABLE, .forced = TRUE, TRANSFER, .lost = (const char *const[]) { "voices", NULL } }, 2 },
  { "available-security", { .state = ONWARD_STATE_AVAILABLE, TRANSFER }, 3 },
  { "available-many", { .state = ONWARD_STATE_AVAILABLE, TRANSFER }, 8 },
  { "available-waiting", { .state = ONWARD_STATE_AVAILABLE }, 1 },
  { "available-metered", { .state = ONWARD_STATE_AVAILABLE, .obstacle = ONWARD_OBSTACLE_METERED, TRANSFER }, 2 },
  { "available-security-metered", { .state = ONWARD_STATE_AVAILABLE, .obstacle = ONWARD_OBSTACLE_METERED, TRANSFER }, 3 },
  { "available-at-most", { .state = ONWARD_STATE_AVAILABLE, .obstacle = ONWARD_OBSTACLE_METERED, .described = TRUE, .bytes_total = 12400000 }, 2 },
  { "forced-metered", { .state = ONWARD_STATE_AVAILABLE, .forced = TRUE, .obstacle = ONWARD_OBSTACLE_METERED, TRANSFER }, 2 },
  { "available-partly", { .state = ONWARD_STATE_AVAILABLE, UNDER_WAY }, 2 },
  { "low-battery", { .state = ONWARD_STATE_AVAILABLE, TRANSFER }, 2 },
  { "low-battery-forced", { .state = ONWARD_STATE_AVAILABLE, .forced = TRUE, TRANSFER }, 2 },
  { "forced", { .state = ONWARD_STATE_AVAILABLE, .forced = TRUE, TRANSFER }, 2 },
  { "preparing", { .state = ONWARD_STATE_DOWNLOADING, .time_left = -1 }, 2 },
  { "downloading", { .state = ONWARD_STATE_DOWNLOADING, UNDER_WAY, .rate = 820000, .time_left = 9 }, 2 },
  { "estimating", { .state = ONWARD_STATE_DOWNLOADING, UNDER_WAY, .rate = 820000, .time_left = -1 }, 2 },
  { "downloading-forced", { .state = ONWARD_STATE_DOWNLOADING, .forced = TRUE, UNDER_WAY, .time_left = 75 }, 2 },
  { "elsewhere", { .state = ONWARD_STATE_DOWNLOADING, UNDER_WAY, .rate = 820000, .time_left = 9, .elsewhere = TRUE }, 2 },
  { "stopping", { .state = ONWARD_STATE_DOWNLOADING, UNDER_WAY, .stopping = TRUE, .time_left = 9 }, 2 },
  { "reconnecting", { .state = ONWARD_STATE_RECONNECTING, UNDER_WAY }, 2, .retry_in = 12 },
  { "connecting", { .state = ONWARD_STATE_RECONNECTING, UNDER_WAY }, 2 },
  { "busy-server", { .state = ONWARD_STATE_RECONNECTING, .obstacle = ONWARD_OBSTACLE_BUSY, UNDER_WAY }, 2, .retry_in = 120 },
  { "busy-server-for-hours", { .state = ONWARD_STATE_RECONNECTING, .obstacle = ONWARD_OBSTACLE_BUSY, UNDER_WAY }, 2, .retry_in = 9000 },
  { "sign-in", { .state = ONWARD_STATE_RECONNECTING, .obstacle = ONWARD_OBSTACLE_SIGN_IN, UNDER_WAY }, 2, .retry_in = 60 },
  { "almost-connecting", { .state = ONWARD_STATE_RECONNECTING, UNDER_WAY }, 2, .retry_in = 1 },
  { "reconnecting-forced", { .state = ONWARD_STATE_RECONNECTING, .forced = TRUE, UNDER_WAY }, 2, .retry_in = 12 },
  { "offline", { .state = ONWARD_STATE_OFFLINE, .obstacle = ONWARD_OBSTACLE_OFFLINE, UNDER_WAY }, 2 },
  { "metered", { .state = ONWARD_STATE_PAUSED, .obstacle = ONWARD_OBSTACLE_METERED, UNDER_WAY }, 2 },
  { "metered-forced", { .state = ONWARD_STATE_PAUSED, .forced = TRUE, .obstacle = ONWARD_OBSTACLE_METERED, UNDER_WAY }, 2 },
  { "metered-at-first", { .state = ONWARD_STATE_PAUSED, .obstacle = ONWARD_OBSTACLE_METERED }, 2 },
  { "paused", { .state = ONWARD_STATE_PAUSED, UNDER_WAY }, 2 },
  { "paused-forced", { .state = ONWARD_STATE_PAUSED, .forced = TRUE, UNDER_WAY }, 2 },
  { "verifying", { .state = ONWARD_STATE_VERIFYING, TRANSFER, .progress = 0.8 }, 2 },
  { "installing", { .state = ONWARD_STATE_STAGING, TRANSFER, .progress = 0.88, .files_done = 312, .files_total = 840 }, 2 },
  { "applying", { .state = ONWARD_STATE_APPLYING, TRANSFER, .progress = 1.0, .files_done = 840, .files_total = 840 }, 2 },
  { "ready", { .state = ONWARD_STATE_READY, TRANSFER }, 2 },
  { "ready-forced", { .state = ONWARD_STATE_READY, .forced = TRUE, TRANSFER }, 2 },
  { "closing", { .state = ONWARD_STATE_READY, .obstacle = ONWARD_OBSTACLE_RUNNING, .waiting_for = "inkwell (4711)", TRANSFER }, 2 },
  { "closing-another-users", { .state = ONWARD_STATE_READY, .obstacle = ONWARD_OBSTACLE_RUNNING, TRANSFER }, 2 },
  { "installed", { .state = ONWARD_STATE_APPLIED, TRANSFER }, 2 },
  { "up-to-date", { .state = ONWARD_STATE_IDLE } },
  { "skipped", { .state = ONWARD_STATE_IDLE }, 1 },
  { "error-server", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_SERVER,
    "Checking for updates: fetching “https://updates.inkwell.example/metadata/timestamp.json”: the server answered 503" },
  { "error-offline", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_OFFLINE, "Resolving “updates.inkwell.example”: no address" },
  { "error-download", { .state = ONWARD_STATE_FAILED, UNDER_WAY }, 2, 0, ONWARD_ERROR_SERVER, "Fetching “x.full”: the server answered 500" },
  { "error-untrusted", { .state = ONWARD_STATE_FAILED }, 1, 0, ONWARD_ERROR_UNTRUSTED, "Verifying “timestamp.json”: no valid signature" },
  { "error-expired", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_EXPIRED,
    "Verifying “timestamp.json”: it expired at 2026-03-03T12:00:00Z: the clock shows 2026-04-01, and nothing was signed since 2026-02-24" },
  { "error-rolled-back", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_ROLLED_BACK, "Verifying “timestamp.json”: version 4 after version 5" },
  { "error-corrupt", { .state = ONWARD_STATE_FAILED, TRANSFER }, 2, 0, ONWARD_ERROR_CORRUPT, "Verifying block 3: digest differs" },
  { "error-read-only-install", { .state = ONWARD_STATE_FAILED, TRANSFER }, 2, 0, ONWARD_ERROR_READ_ONLY_INSTALL, "Opening “versions”: Read-only file system" },
  { "error-not-permitted", { .state = ONWARD_STATE_FAILED, TRANSFER }, 2, 0, ONWARD_ERROR_NOT_PERMITTED, "Opening “versions”: Permission denied" },
  { "error-unsupported-format", { .state = ONWARD_STATE_FAILED }, 1, 0, ONWARD_ERROR_UNSUPPORTED_FORMAT, "Reading “2.4.0.json”: it requires “zstd-2”" },
  { "error-busy", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_BUSY, "Locking “/opt/inkwell”: process 4711 holds it" },
  { "error-did-not-start", { .state = ONWARD_STATE_FAILED }, 1, 0, ONWARD_ERROR_DID_NOT_START, "Version 2.4.0 did not start, version 2.1.0 was restored" },
  { "error-no-space", { .state = ONWARD_STATE_FAILED, UNDER_WAY }, 2, 0, ONWARD_ERROR_NO_SPACE,
    "The update needs 380\u00a0MB on the disk (of which 64\u00a0MB are kept free), but only 120\u00a0MB are free" },
  { "error-no-space-unmeasured", { .state = ONWARD_STATE_FAILED }, 2, 0, ONWARD_ERROR_NO_SPACE, "Writing “bin/inkwell”: No space left on device" },
  { "error-not-found", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_NOT_FOUND, "Fetching “timestamp.json”: the server answered 404" },
  { "error-malformed", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_MALFORMED, "Reading “timestamp.json”: not JSON" },
  { "error-interrupted", { .state = ONWARD_STATE_FAILED, TRANSFER }, 1, 0, ONWARD_ERROR_INTERRUPTED, "Staging: cut off" },
  { "error-metered", { .state = ONWARD_STATE_FAILED, TRANSFER }, 1, 0, ONWARD_ERROR_METERED, "The network is metered" },
  { "error-failed", { .state = ONWARD_STATE_FAILED, TRANSFER }, 1, 0, ONWARD_ERROR_FAILED, "Staging: something" },
  { "error-wrong-state", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_STATE, "Cannot pause while idle" },
  { "error-sign-in", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_SIGN_IN,
    "Checking for updates: the network answered “http://portal.example/” in the server's place" },
  { "error-server-busy", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_SERVER_BUSY, "Fetching “timestamp.json”: the server answered 503" },
  { "error-stopped-plain", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_EXPIRED,
    "Verifying “timestamp.json”: it expired at 2026-03-03T12:00:00Z: the clock shows 2026-04-01" },
  { "error-root-expired", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_ROOT_EXPIRED,
    "Verifying “root.json”: it expired at 2026-03-03T12:00:00Z: the clock shows 2026-04-01" },
  { "error-wrong-clock", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_CLOCK,
    "Verifying “timestamp.json”: it expired at 2026-03-03T12:00:00Z: the clock shows 2031-11-22, but nothing was signed since 2026-02-24" },
  { "error-other-repository", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_OTHER_REPOSITORY, "Verifying “2.root.json”: 0 of 1 signatures" },
  { "error-wrong-hash", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_HASH, "Verifying “5.snapshot.json”: its sha256 is not the signed one" },
  { "error-wrong-type", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_TYPE, "Verifying “timestamp.json”: it is a snapshot" },
  { "error-wrong-version", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_VERSION, "Verifying “5.snapshot.json”: it is version 6" },
  { "error-wrong-length", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_LENGTH, "Verifying “5.snapshot.json”: it has 7 bytes instead of 900" },
  { "error-too-large", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_TOO_LARGE, "Fetching “timestamp.json”: It is longer than it may be" },
  { "error-upload-under-way", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_UPLOAD_UNDER_WAY,
    "“metadata/6.snapshot.json” is missing in the repository" },
  { "error-unknown-authority", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_UNKNOWN_AUTHORITY,
    "Fetching “timestamp.json”: its certificate comes from an unknown authority" },
  { "error-wrong-host", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_WRONG_HOST,
    "Fetching “timestamp.json”: its certificate belongs to another server" },
  { "error-certificate-expired", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_CERTIFICATE_EXPIRED,
    "Fetching “timestamp.json”: its certificate has expired: the clock shows 2026-04-01" },
  { "error-certificate-not-yet-valid", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_CERTIFICATE_NOT_YET_VALID,
    "Fetching “timestamp.json”: its certificate is not valid yet: the clock shows 2019-03-03" },
  { "error-bad-certificate", { .state = ONWARD_STATE_FAILED }, 0, 0, ONWARD_ERROR_BAD_CERTIFICATE, "Fetching “timestamp.json”: its certificate was revoked" },
  { "error-forced", { .state = ONWARD_STATE_FAILED, .forced = TRUE }, 2, 0, ONWARD_ERROR_SERVER, "Fetching “timestamp.json”: connection refused" },
  { "error-forced-untrusted", { .state = ONWARD_STATE_FAILED, .forced = TRUE }, 2, 0, ONWARD_ERROR_UNTRUSTED, "Verifying “root.json”: no valid signature" },
};
/* clang-format on */

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

static OnwardRelease *
new_release (guint index, gboolean forced)
{
  const Note *note = &notes[index];
  g_autofree char *minimum = g_strdup_printf (
      ",\"minimum\":{\"version\":\"%s\",\"reason\":{\"en\":\"Version 2.1.0 no longer works with "
      "the server.\",\"zh_CN\":\"版本 2.1.0 已无法与服务器通信。\"}}",
      note->version);
  g_autofree char *text = g_strdup_printf (
      "{\"version\":\"%s\",\"sequence\":%u,\"channel\":\"stable\",\"platform\":\"linux-x86_64\","
      "\"date\":\"%s\",\"severity\":\"%s\"%s}",
      note->version, 100 - index, note->date, note->severity, forced ? minimum : "");
  g_autofree char *texts =
      g_strdup_printf ("{%s}", note->notes != NULL ? note->notes : "\"en\":\"\"");
  g_autoptr (JsonObject) facts = parse (text);
  g_autoptr (JsonObject) languages = parse (texts);
  g_autoptr (GError) error = NULL;
  g_autoptr (OnwardRelease) bare = onward_release_new_from_json (facts, &error);
  OnwardRelease *release;

  g_assert_no_error (error);
  release = onward_release_with_notes (bare, languages, &error);
  g_assert_no_error (error);
  return release;
}

OnwardStatus *
screens_new_status (const char *name)
{
  g_autoptr (GPtrArray) releases =
      g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_unref);
  g_autoptr (GError) error = NULL;
  OnwardStatusFields fields;
  const Screen *screen = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (screens); i++)
    if (g_str_equal (screens[i].name, name))
      screen = &screens[i];
  if (screen == NULL)
    return NULL;

  fields = screen->fields;
  for (guint i = 0; i < screen->releases; i++)
    g_ptr_array_add (releases, new_release (i, fields.forced));
  if (screen->releases > 0)
    {
      fields.release = g_ptr_array_index (releases, 0);
      fields.releases = releases;
    }
  if (screen->message != NULL)
    error = g_error_new_literal (ONWARD_ERROR, (int) screen->code, screen->message);
  fields.error = error;
  if (screen->retry_in > 0)
    fields.retry_at = onward_clock_get_time () + (gint64) screen->retry_in * G_USEC_PER_SEC;
  return onward_status_new (&fields);
}

OnwardSubject *
screens_new_subject (void)
{
  OnwardSubject *subject = onward_subject_new ("Inkwell", "2.1.0", NULL, "/opt/inkwell");

  subject->log_path = g_strdup ("/opt/inkwell/var/update.log");
  return subject;
}

char **
screens_list (void)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (screens); i++)
    g_strv_builder_add (names, screens[i].name);
  return g_strv_builder_end (names);
}
