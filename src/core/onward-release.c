/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-release-private.h"

#include "onward-release-facts.h"
#include "onward-texts.h"
#include "onward-version.h"

#define MAX_NOTES_SIZE (256 * 1024)

struct _OnwardRelease
{
  OnwardReleaseFacts facts;
  OnwardTexts *notes; /* (owned) (nullable) */
};

static const char *const capabilities[] = { "lzma2", "zstd", "delta-1", NULL };

G_DEFINE_BOXED_TYPE (OnwardRelease, onward_release, onward_release_ref, onward_release_unref)

static void
release_clear (gpointer data)
{
  OnwardRelease *self = data;

  onward_release_facts_clear (&self->facts);
  g_clear_pointer (&self->notes, onward_texts_unref);
}

/**
 * onward_release_new_from_json:
 * @object: the "custom.onward" of a target, or a release document
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Reads the facts of a release, as onward_release_facts_read() does.
 *
 * Returns: (transfer full): the release without its notes, or %NULL
 */
OnwardRelease *
onward_release_new_from_json (JsonObject *object, GError **error)
{
  g_autoptr (OnwardRelease) self = NULL;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OnwardRelease);
  if (!onward_release_facts_read (&self->facts, object, error))
    {
      g_prefix_error_literal (error, "Reading a release: ");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * onward_release_to_json:
 * @self: a release
 *
 * Returns: (transfer full): its facts as onward_release_new_from_json() reads them; the notes
 *   are given by onward_release_notes_to_json()
 */
JsonObject *
onward_release_to_json (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return onward_release_facts_to_json (&self->facts);
}

/**
 * onward_release_notes_to_json:
 * @self: a release
 *
 * Returns: (transfer full) (nullable): its notes, language → CommonMark, or %NULL without any
 */
JsonObject *
onward_release_notes_to_json (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->notes != NULL ? onward_texts_to_json (self->notes) : NULL;
}

/**
 * onward_release_with_notes:
 * @self: a release
 * @notes: language → CommonMark, each of at most 256 KiB
 * @error: set with %ONWARD_ERROR_MALFORMED
 *
 * Returns: (transfer full): the same release with these notes, or %NULL
 */
OnwardRelease *
onward_release_with_notes (OnwardRelease *self, JsonObject *notes, GError **error)
{
  g_autoptr (OnwardTexts) texts = NULL;
  g_autoptr (JsonObject) facts = NULL;
  OnwardRelease *copy;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (notes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  texts = onward_texts_new_from_json (notes, MAX_NOTES_SIZE, error);
  if (texts == NULL)
    {
      g_prefix_error_literal (error, "Reading release notes: ");
      return NULL;
    }

  facts = onward_release_to_json (self);
  copy = onward_release_new_from_json (facts, NULL);
  g_assert (copy != NULL);
  copy->notes = g_steal_pointer (&texts);
  return copy;
}

/**
 * onward_release_same_facts:
 * @a: a release
 * @b: another one
 *
 * Tells whether a target and the release document behind it say the same, notes aside.
 *
 * Returns: whether all facts are equal
 */
gboolean
onward_release_same_facts (OnwardRelease *a, OnwardRelease *b)
{
  g_autoptr (JsonNode) a_facts = NULL;
  g_autoptr (JsonNode) b_facts = NULL;

  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  a_facts = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (a_facts, onward_release_to_json (a));
  b_facts = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (b_facts, onward_release_to_json (b));
  return json_node_equal (a_facts, b_facts);
}

/**
 * onward_release_is_supported:
 * @self: a release
 *
 * Tells whether this Onward has every capability that the release requires; one that requires
 * another must be skipped.
 *
 * Returns: whether it can be installed
 */
gboolean
onward_release_is_supported (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (gsize i = 0; self->facts.requires[i] != NULL; i++)
    if (!g_strv_contains (capabilities, self->facts.requires[i]))
      return FALSE;
  return TRUE;
}

/**
 * onward_release_forces:
 * @self: a release
 * @installed_version: the version that runs
 *
 * Tells whether @installed_version must not go on now that this release exists: because the
 * release is forced, or because the installed version is below the minimum it names.
 *
 * Returns: whether the update is forced
 */
gboolean
onward_release_forces (OnwardRelease *self, const char *installed_version)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (installed_version != NULL, FALSE);

  return self->facts.severity == ONWARD_SEVERITY_FORCED ||
         (self->facts.minimum != NULL &&
          onward_version_compare (installed_version, self->facts.minimum) < 0);
}

/**
 * onward_release_ref:
 * @self: a release
 *
 * Returns: (transfer full): @self
 */
OnwardRelease *
onward_release_ref (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * onward_release_unref:
 * @self: (transfer full): a release
 */
void
onward_release_unref (OnwardRelease *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, release_clear);
}

/**
 * onward_release_get_version:
 * @self: a release
 *
 * Returns: (transfer none): its version, as shown to people
 */
const char *
onward_release_get_version (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.version;
}

/**
 * onward_release_get_sequence:
 * @self: a release
 *
 * Returns: its place in the order of releases: the higher is the newer
 */
guint64
onward_release_get_sequence (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return (guint64) self->facts.sequence;
}

/**
 * onward_release_get_channel:
 * @self: a release
 *
 * Returns: (transfer none): its channel, e.g. "stable"
 */
const char *
onward_release_get_channel (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.channel;
}

/**
 * onward_release_get_platform:
 * @self: a release
 *
 * Returns: (transfer none): the computers it is for, e.g. "linux-x86_64"
 */
const char *
onward_release_get_platform (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.platform;
}

/**
 * onward_release_get_date:
 * @self: a release
 *
 * Returns: (transfer none): when it was published, "2026-10-02" or a moment by RFC 3339
 */
const char *
onward_release_get_date (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.date;
}

/**
 * onward_release_get_severity:
 * @self: a release
 *
 * Returns: how urgent it is
 */
OnwardSeverity
onward_release_get_severity (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, ONWARD_SEVERITY_NORMAL);

  return self->facts.severity;
}

/**
 * onward_release_is_withdrawn:
 * @self: a release
 *
 * Returns: whether the publisher took it back
 */
gboolean
onward_release_is_withdrawn (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->facts.is_withdrawn;
}

/**
 * onward_release_get_minimum:
 * @self: a release
 *
 * Returns: (transfer none) (nullable): the version below which the application must not go on
 */
const char *
onward_release_get_minimum (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.minimum;
}

/**
 * onward_release_get_reason:
 * @self: a release
 * @languages: (nullable) (array zero-terminated=1): preferred languages, best first
 *
 * Returns: (transfer none) (nullable): why there is a minimum, in one sentence of plain text
 */
const char *
onward_release_get_reason (OnwardRelease *self, const char *const *languages)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.reason != NULL ? onward_texts_lookup (self->facts.reason, languages) : NULL;
}

/**
 * onward_release_get_grace_days:
 * @self: a release
 *
 * Returns: for how many days the application may go on below the minimum when no update works
 */
guint
onward_release_get_grace_days (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->facts.grace_days;
}

/**
 * onward_release_get_notes:
 * @self: a release
 * @languages: (nullable) (array zero-terminated=1): preferred languages, best first
 *
 * Returns: (transfer none) (nullable): what is new, as CommonMark; %NULL while not yet known
 */
const char *
onward_release_get_notes (OnwardRelease *self, const char *const *languages)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->notes != NULL ? onward_texts_lookup (self->notes, languages) : NULL;
}

/**
 * onward_release_get_rollout_start:
 * @self: a release
 *
 * Returns: when it begins to be offered, in seconds since 1970; 0 for at once
 */
gint64
onward_release_get_rollout_start (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->facts.rollout_start_seconds;
}

/**
 * onward_release_get_rollout_days:
 * @self: a release
 *
 * Returns: over how many days it comes to be offered to everyone; 0 for at once
 */
guint
onward_release_get_rollout_days (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->facts.rollout_days;
}

/**
 * onward_release_get_components:
 * @self: a release
 *
 * Returns: (transfer none) (array zero-terminated=1): the components that can be left out
 */
const char *const *
onward_release_get_components (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->facts.components;
}

/**
 * onward_release_get_on_demand:
 * @self: a release
 *
 * Returns: (transfer none) (array zero-terminated=1): the components that come only to who asks for
 *   them
 */
const char *const *
onward_release_get_on_demand (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->facts.on_demand;
}

/**
 * onward_release_dup_document_name:
 * @self: a release
 *
 * Returns: (transfer full): the name of the TUF target that is the release's document
 */
char *
onward_release_dup_document_name (OnwardRelease *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_strdup_printf ("releases/%s/%s/%s.json", self->facts.platform, self->facts.channel,
                          self->facts.version);
}
