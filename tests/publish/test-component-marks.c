/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-component-marks.h"
#include "onward-json.h"

static OnwardTree *
make_tree (void)
{
  static const char *const paths[] = { "a",        "a/b", "a/b/file", "a/c",
                                       "a/c/file", "ab",  "ab/file",  "top" };
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (OnwardTreeEntry));

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      gboolean is_file = strstr (paths[i], "file") != NULL || g_str_equal (paths[i], "top");
      OnwardTreeEntry entry = { paths[i],
                                is_file ? ONWARD_ENTRY_FILE : ONWARD_ENTRY_DIRECTORY,
                                is_file ? 0644 : 0755,
                                0,
                                { { 0 } },
                                "",
                                "",
                                0,
                                0 };

      g_array_append_val (entries, entry);
    }
  return onward_tree_new (entries, NULL);
}

/* What each path is marked with: a text "PATH=NAME …" of those that are. */
static char *
describe (OnwardTree *tree)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < onward_tree_get_n_entries (tree); i++)
    {
      const OnwardTreeEntry *entry = onward_tree_get_entry (tree, i);

      if (entry->component[0] != '\0')
        g_string_append_printf (text, "%s%s=%s", text->len > 0 ? " " : "", entry->path,
                                entry->component);
    }
  return g_string_free (text, FALSE);
}

/* Folders are marked with all that is in them, and nothing whose name only begins alike. */
static void
test_marks_apply (void)
{
  static const struct
  {
    const char *components, *marked;
  } cases[] = {
    { "", "" },
    { "x=a", "a=x a/b=x a/b/file=x a/c=x a/c/file=x" },
    { "x=a//", "a=x a/b=x a/b/file=x a/c=x a/c/file=x" },
    { "x=a/b|y=a/c", "a/b=x a/b/file=x a/c=y a/c/file=y" },
    { "x=a/b|x=ab", "a/b=x a/b/file=x ab=x ab/file=x" },
    { "x=a|x=a/b", "a=x a/b=x a/b/file=x a/c=x a/c/file=x" },
  };
  g_autoptr (OnwardTree) tree = make_tree ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) components = g_strsplit (cases[i].components, "|", -1);
      const OnwardAdditionOptions options = { .components = components };
      g_autoptr (GError) error = NULL;
      g_autoptr (OnwardTree) marked = onward_component_marks_apply (tree, &options, &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = describe (marked);
      g_assert_cmpstr (text, ==, cases[i].marked);
    }
}

/* What cannot be meant is told. */
static void
test_marks_refused (void)
{
  static const char *const cases[] = {
    "x",    "x=",    "=a",      "x y=a",     ".x=a",      "x=none", "x=top", "x=a/b/file",
    "x=/a", "x=./a", "x=a|y=a", "x=a|y=a/b", "y=a/b|x=a", "x=../a", "x=/",
  };
  g_autoptr (OnwardTree) tree = make_tree ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) components = g_strsplit (cases[i], "|", -1);
      const OnwardAdditionOptions options = { .components = components };
      g_autoptr (GError) error = NULL;

      g_assert_null (onward_component_marks_apply (tree, &options, &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
}

static char *
join (JsonObject *facts, const char *member)
{
  JsonArray *array =
      json_object_has_member (facts, member) ? json_object_get_array_member (facts, member) : NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s ", json_array_get_string_element (array, i));
  return g_string_free (text, FALSE);
}

/* The release names each component once, sorted, and says which of them wait to be asked for. */
static void
test_marks_facts (void)
{
  g_auto (GStrv) marks = g_strsplit ("y=a|x=b|y=c", "|", -1);
  g_auto (GStrv) waiting = g_strsplit ("y|y", "|", -1);
  const OnwardAdditionOptions options = { .components = marks, .on_demand = waiting };
  g_autoptr (JsonObject) facts = json_object_new ();
  g_autofree char *components = NULL;
  g_autofree char *on_demand = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (onward_component_marks_add_facts (facts, &options, &error));
  g_assert_no_error (error);
  components = join (facts, "components");
  on_demand = join (facts, "on-demand");
  g_assert_cmpstr (components, ==, "x y ");
  g_assert_cmpstr (on_demand, ==, "y ");
}

/* A component that is none cannot wait. */
static void
test_marks_facts_refused (void)
{
  static const struct
  {
    const char *components, *on_demand;
  } cases[] = {
    { "", "x" },
    { "x=a", "x|y" },
    { "nothing", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) components = g_strsplit (cases[i].components, "|", -1);
      g_auto (GStrv) on_demand = g_strsplit (cases[i].on_demand, "|", -1);
      const OnwardAdditionOptions options = { .components = components, .on_demand = on_demand };
      g_autoptr (JsonObject) facts = json_object_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (onward_component_marks_add_facts (facts, &options, &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/marks/apply", test_marks_apply);
  g_test_add_func ("/marks/refused", test_marks_refused);
  g_test_add_func ("/marks/facts", test_marks_facts);
  g_test_add_func ("/marks/facts-refused", test_marks_facts_refused);

  return g_test_run ();
}
