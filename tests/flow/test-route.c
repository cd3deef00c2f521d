/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-release-private.h"
#include "onward-route.h"

/* A tree is named by a letter; a delta leads from one to another, for some thousands of bytes. */
typedef struct
{
  char from;
  char to;
  guint cost;
} Link;

typedef struct
{
  const char *name;
  const Link *links;
  const char *known;  /* the trees whose documents are known */
  const char *expect; /* the trees that the deltas start from, in order */
  guint cost;         /* of the bytes together */
} Case;

static OnwardDigest
make_digest (char letter)
{
  OnwardDigest digest;

  memset (digest.bytes, letter, sizeof digest.bytes);
  return digest;
}

static OnwardPackInfo *
make_pack (const OnwardDigest *from, guint64 size)
{
  gsize n_blocks = (gsize) ((size + ONWARD_PACK_BLOCK_SIZE - 1) / ONWARD_PACK_BLOCK_SIZE);
  g_autofree guint8 *zeros = g_malloc0 (n_blocks * ONWARD_DIGEST_SIZE);
  g_autoptr (GBytes) blocks = g_bytes_new (zeros, n_blocks * ONWARD_DIGEST_SIZE);
  OnwardDigest digest = make_digest ((char) (size % 100));

  return onward_pack_info_new (from != NULL ? ONWARD_PACK_DELTA : ONWARD_PACK_FULL, from, &digest,
                               size, 1, ONWARD_PACK_BLOCK_SIZE, blocks);
}

static OnwardRelease *
make_release (void)
{
  g_autoptr (JsonNode) root =
      json_from_string ("{\"version\":\"1.0.0\",\"sequence\":1,\"channel\":\"stable\","
                        "\"platform\":\"linux-x86_64\",\"date\":\"2026-01-01T00:00:00Z\","
                        "\"severity\":\"normal\"}",
                        NULL);
  g_autoptr (GError) error = NULL;
  OnwardRelease *release = onward_release_new_from_json (json_node_get_object (root), &error);

  g_assert_no_error (error);
  return release;
}

static OnwardReleaseDocument *
make_document (const Link *links, char tree)
{
  g_autoptr (GPtrArray) packs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) onward_pack_info_unref);
  g_autoptr (OnwardRelease) release = make_release ();
  OnwardDigest digest = make_digest (tree);

  g_ptr_array_add (packs, make_pack (NULL, 1000000));
  for (; links->cost > 0; links++)
    {
      OnwardDigest from = make_digest (links->from);

      if (links->to == tree)
        g_ptr_array_add (packs, make_pack (&from, links->cost * 1000));
    }
  return onward_release_document_new (release, &digest, 1, packs);
}

/* A pack whose size is a multiple of 13,000 is one that is avoided. */
static guint64
get_cost (OnwardPackInfo *pack, gpointer user_data)
{
  guint64 size = onward_pack_info_get_size (pack);

  return size % 13000 == 0 ? G_MAXUINT64 : size;
}

static GPtrArray *
make_documents (const Link *links, const char *known)
{
  GPtrArray *documents =
      g_ptr_array_new_with_free_func ((GDestroyNotify) onward_release_document_unref);

  for (; *known != '\0'; known++)
    g_ptr_array_add (documents, make_document (links, *known));
  return documents;
}

static void
check (const Case *test)
{
  g_autoptr (GPtrArray) documents = make_documents (test->links, test->known);
  g_autoptr (GPtrArray) found = NULL;
  OnwardDigest from = make_digest ('a');
  const OnwardRoutes routes = { documents, &from, get_cost, NULL };
  gsize n = strlen (test->expect);
  guint64 cost = 0;

  g_test_message ("%s", test->name);
  found = onward_route_find (&routes, g_ptr_array_index (documents, 0), &cost);
  g_assert_cmpuint (found->len, ==, n);
  for (gsize i = 0; i < n; i++)
    {
      OnwardDigest expected = make_digest (test->expect[i]);

      g_assert_true (onward_digest_equal (onward_pack_info_get_from (g_ptr_array_index (found, i)),
                                          &expected));
    }
  g_assert_cmpuint (cost, ==,
                    n == 0 ? G_MAXUINT64 : test->cost * 1000 + n * (guint64) ONWARD_ROUTE_REQUEST);
}

/* From a to z: the way of the fewest bytes over at most three deltas, of those that are known. */
static void
test_find (void)
{
  static const Link direct[] = { { 'a', 'z', 50 }, { 'm', 'z', 20 }, { 'a', 'm', 20 }, { 0 } };
  static const Link dear[] = { { 'a', 'z', 90 }, { 'm', 'z', 20 }, { 'a', 'm', 30 }, { 0 } };
  static const Link three[] = { { 'n', 'z', 10 }, { 'm', 'n', 10 }, { 'a', 'm', 10 },
                                { 'k', 'm', 1 },  { 'a', 'k', 1 },  { 0 } };
  static const Link four[] = {
    { 'n', 'z', 1 }, { 'm', 'n', 1 }, { 'k', 'm', 1 }, { 'a', 'k', 1 }, { 0 }
  };
  static const Link circle[] = { { 'm', 'z', 5 }, { 'z', 'm', 1 }, { 'a', 'm', 70 }, { 0 } };
  static const Link avoided[] = { { 'a', 'z', 13 }, { 'm', 'z', 20 }, { 'a', 'm', 40 }, { 0 } };
  static const Link fork[] = {
    { 'm', 'z', 30 }, { 'n', 'z', 20 }, { 'a', 'm', 5 }, { 'a', 'n', 16 }, { 0 }
  };
  static const Link even[] = { { 'a', 'z', 40 }, { 'm', 'z', 20 }, { 'a', 'm', 20 }, { 0 } };
  static const Case cases[] = {
    { "a single delta", direct, "zm", "am", 40 },
    { "the document between is not known", direct, "z", "a", 50 },
    { "two are cheaper", dear, "zm", "am", 50 },
    { "three", three, "zmnk", "amn", 30 },
    { "four are too many", four, "zmnk", "", 0 },
    { "no circles", circle, "zm", "am", 75 },
    { "what is avoided is no way", avoided, "zm", "am", 60 },
    { "the cheaper of two forks", fork, "zmn", "am", 35 },
    { "requests count: one delta is better than two of the same size", even, "zm", "a", 40 },
    { "no way", four, "z", "", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check (&cases[i]);
}

/* A question is asked when it is small beside what it may save, and some delta to the goal leaves
 * room for another. */
static void
test_may_be_better (void)
{
  static const Link links[] = { { 'a', 'z', 500 }, { 'm', 'z', 100 }, { 0 } };
  static const Link only_direct[] = { { 'a', 'z', 500 }, { 0 } };
  static const Link large[] = { { 'a', 'z', 500 }, { 'm', 'z', 600 }, { 0 } };
  static const struct
  {
    const Link *links;
    guint64 best;
    guint64 question;
    gboolean expect;
  } cases[] = {
    { links, 500000, 5000, TRUE },
    { links, 500000, 32000, FALSE },
    { links, 103000, 1000, FALSE },
    { links, 104000, 1000, TRUE },
    { only_direct, 500000, 5000, FALSE },
    { large, 500000, 5000, FALSE },
    { links, 0, 0, FALSE },
    { links, G_MAXUINT64, 5000, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) documents = make_documents (cases[i].links, "z");
      OnwardDigest from = make_digest ('a');
      const OnwardRoutes routes = { documents, &from, get_cost, NULL };

      g_test_message ("case %zu", i);
      g_assert_true (onward_route_may_be_better (&routes, g_ptr_array_index (documents, 0),
                                                 cases[i].best,
                                                 cases[i].question) == cases[i].expect);
    }
}

/* From the middle to both ends, each release once. */
static void
test_next (void)
{
  static const char *const orders[] = { "", "0", "10", "120", "2310", "23140" };

  for (guint n = 0; n < 6; n++)
    {
      guint8 is_asked[8] = { 0 };

      for (guint i = 0; i < n; i++)
        {
          gint next = onward_route_next (n, is_asked);

          g_assert_cmpint (next, ==, orders[n][i] - '0');
          is_asked[next] = TRUE;
        }
      g_assert_cmpint (onward_route_next (n, is_asked), ==, -1);
    }
}

/* The cheapest way around damage; of equal ones the simplest. */
static void
test_repair (void)
{
  static const struct
  {
    guint64 costs[ONWARD_ROUTE_N_REPAIRS];
    OnwardRouteRepair expect;
  } cases[] = {
    { { 10, 20, 30 }, ONWARD_ROUTE_FULL },
    { { 30, 20, 40 }, ONWARD_ROUTE_OLD },
    { { 30, 20, 10 }, ONWARD_ROUTE_PART },
    { { 20, 20, 20 }, ONWARD_ROUTE_FULL },
    { { G_MAXUINT64, G_MAXUINT64, G_MAXUINT64 }, ONWARD_ROUTE_FULL },
    { { G_MAXUINT64, G_MAXUINT64, 5 }, ONWARD_ROUTE_PART },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (onward_route_choose_repair (cases[i].costs), ==, cases[i].expect);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/route/find", test_find);
  g_test_add_func ("/route/may-be-better", test_may_be_better);
  g_test_add_func ("/route/next", test_next);
  g_test_add_func ("/route/repair", test_repair);
  return g_test_run ();
}
