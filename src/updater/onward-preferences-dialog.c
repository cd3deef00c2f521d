/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-preferences-dialog.h"

#include <glib/gi18n-lib.h>

#include "onward-progress-texts.h"

struct _OnwardPreferencesDialog
{
  GtkDialog parent_instance;

  GtkWidget *interval_label;
  GtkWidget *interval;
  GtkWidget *download;
  GtkWidget *metered;
  GtkWidget *limit_label;
  GtkWidget *limit;
  GtkComboBox *channel;
  GtkLabel *skipped;
  GtkWidget *reset;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (OnwardPreferencesDialog, onward_preferences_dialog, GTK_TYPE_DIALOG)

enum
{
  SIGNAL_CHANNEL_CHOSEN,
  SIGNAL_RESET,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Bytes a second that can be chosen beside none. */
static const guint64 limits[] = { 100000, 500000, 1000000, 5000000 };

static void
on_channel_changed (GtkComboBox *combo, OnwardPreferencesDialog *self)
{
  const char *channel = gtk_combo_box_get_active_id (combo);

  if (channel != NULL)
    g_signal_emit (self, signals[SIGNAL_CHANNEL_CHOSEN], 0, channel);
}

static void
on_reset_clicked (GtkButton *button, OnwardPreferencesDialog *self)
{
  g_signal_emit (self, signals[SIGNAL_RESET], 0);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, interval_label);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, interval);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, download);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, metered);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, limit_label);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, limit);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, channel);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, skipped);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, reset);
  gtk_widget_class_bind_template_child (widget_class, OnwardPreferencesDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_channel_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_reset_clicked);
}

static void
onward_preferences_dialog_class_init (OnwardPreferencesDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/onward/Updater/ui/preferences.ui");
  bind_children (widget_class);

  signals[SIGNAL_CHANNEL_CHOSEN] =
      g_signal_new ("channel-chosen", ONWARD_TYPE_PREFERENCES_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_RESET] = g_signal_new ("reset", ONWARD_TYPE_PREFERENCES_DIALOG, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
onward_preferences_dialog_init (OnwardPreferencesDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "response", G_CALLBACK (gtk_widget_destroy), NULL);
}

static void
add_limit (GtkComboBoxText *combo, guint64 limit)
{
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, limit);
  g_autofree char *size = onward_progress_texts_dup_size (limit);
  /* Translators: how much is downloaded in a second, for example "820 kB/s". */
  g_autofree char *text = g_strdup_printf (_ ("%s/s"), size);

  gtk_combo_box_text_append (combo, id, limit != 0 ? text : _ ("No limit"));
}

/* Another limit than these may have been set by other means; it can be kept. */
static void
fill_limits (GtkComboBoxText *combo, guint64 present)
{
  gboolean is_known = present == 0;

  add_limit (combo, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      add_limit (combo, limits[i]);
      is_known = is_known || limits[i] == present;
    }
  if (!is_known)
    add_limit (combo, present);
}

static gboolean
limit_to_id (GValue *value, GVariant *variant, gpointer unused)
{
  g_value_take_string (value,
                       g_strdup_printf ("%" G_GUINT64_FORMAT, g_variant_get_uint64 (variant)));
  return TRUE;
}

static GVariant *
id_to_limit (const GValue *value, const GVariantType *type, gpointer unused)
{
  const char *id = g_value_get_string (value);

  return id != NULL ? g_variant_new_uint64 (g_ascii_strtoull (id, NULL, 10)) : NULL;
}

/* What cannot be kept is not offered. */
static void
hide_settings (OnwardPreferencesDialog *self)
{
  gtk_widget_hide (self->interval_label);
  gtk_widget_hide (self->interval);
  gtk_widget_hide (self->download);
  gtk_widget_hide (self->metered);
  gtk_widget_hide (self->limit_label);
  gtk_widget_hide (self->limit);
}

static void
bind_settings (OnwardPreferencesDialog *self, GSettings *settings)
{
  fill_limits (GTK_COMBO_BOX_TEXT (self->limit), g_settings_get_uint64 (settings, "limit-rate"));
  g_settings_bind (settings, "check-interval", self->interval, "active-id",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "download-automatically", self->download, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "use-metered", self->metered, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "limit-rate", self->limit, "active-id",
                                G_SETTINGS_BIND_DEFAULT, limit_to_id, id_to_limit, NULL, NULL);
}

/**
 * onward_preferences_dialog_new:
 * @parent: the window it belongs to
 * @settings: (nullable): the user's settings for one application
 *
 * Returns: (transfer none): a dialog that is not shown yet. GTK owns it; without @settings it shows
 *   nothing that would have to be kept there.
 */
OnwardPreferencesDialog *
onward_preferences_dialog_new (GtkWindow *parent, GSettings *settings)
{
  OnwardPreferencesDialog *self = NULL;

  g_return_val_if_fail (GTK_IS_WINDOW (parent), NULL);

  self = g_object_new (ONWARD_TYPE_PREFERENCES_DIALOG, "transient-for", parent, NULL);
  if (settings != NULL)
    bind_settings (self, settings);
  else
    hide_settings (self);
  return self;
}

static const char *
get_channel_title (const char *channel)
{
  if (g_str_equal (channel, "stable"))
    return _ ("Stable");
  if (g_str_equal (channel, "beta"))
    return _ ("Beta");
  return channel;
}

/**
 * onward_preferences_dialog_set_channels:
 * @self: a dialog
 * @channels: the names of the channels to choose from
 * @current: the one that is followed
 *
 * Shows the channels. Nothing is chosen by that.
 */
void
onward_preferences_dialog_set_channels (OnwardPreferencesDialog *self, const char *const *channels,
                                        const char *current)
{
  GtkComboBoxText *combo = NULL;

  g_return_if_fail (ONWARD_IS_PREFERENCES_DIALOG (self));

  combo = GTK_COMBO_BOX_TEXT (self->channel);
  g_signal_handlers_block_by_func (combo, on_channel_changed, self);
  gtk_combo_box_text_remove_all (combo);
  for (guint i = 0; channels[i] != NULL; i++)
    gtk_combo_box_text_append (combo, channels[i], get_channel_title (channels[i]));
  gtk_combo_box_set_active_id (self->channel, current);
  g_signal_handlers_unblock_by_func (combo, on_channel_changed, self);
}

/**
 * onward_preferences_dialog_set_skipped:
 * @self: a dialog
 * @versions: the versions that the user has skipped
 *
 * Shows the skipped versions.
 */
void
onward_preferences_dialog_set_skipped (OnwardPreferencesDialog *self, char **versions)
{
  g_autofree char *list = NULL;

  g_return_if_fail (ONWARD_IS_PREFERENCES_DIALOG (self));

  list = g_strjoinv (", ", versions);
  gtk_label_set_text (self->skipped, *list != '\0' ? list : _ ("None"));
  gtk_widget_set_sensitive (self->reset, *list != '\0');
}

/**
 * onward_preferences_dialog_set_problem:
 * @self: a dialog
 * @problem: (nullable): why what was chosen last does not count
 *
 * Shows @problem until it is replaced.
 */
void
onward_preferences_dialog_set_problem (OnwardPreferencesDialog *self, const char *problem)
{
  g_return_if_fail (ONWARD_IS_PREFERENCES_DIALOG (self));

  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
}
