/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-hasher.h"

static void
assert_finish (OnwardHasher *hasher, const char *expected)
{
  g_autofree char *hex = NULL;
  OnwardDigest digest;

  onward_hasher_finish (hasher, &digest);
  hex = onward_digest_to_string (&digest);
  g_assert_cmpstr (hex, ==, expected);
}

/* The examples of FIPS 180-4 come out, and one hasher serves again and again. */
static void
test_hasher_examples (void)
{
  g_autoptr (OnwardHasher) hasher = onward_hasher_new ();
  const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

  assert_finish (hasher, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  onward_hasher_update (hasher, "abc", 3);
  assert_finish (hasher, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  onward_hasher_update (hasher, two_blocks, strlen (two_blocks));
  assert_finish (hasher, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  onward_hasher_update (hasher, NULL, 0);
  assert_finish (hasher, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* How the bytes are cut into pieces makes no difference; GChecksum agrees. */
static void
test_hasher_pieces (void)
{
  g_autoptr (OnwardHasher) hasher = onward_hasher_new ();
  g_autofree guint8 *data = g_malloc (100003);
  g_autofree char *expected = NULL;

  for (gsize i = 0; i < 100003; i++)
    data[i] = (guint8) (i * 31 + i / 251);
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, 100003);

  for (gsize step = 1; step < 100003; step = step * 3 + 1)
    {
      for (gsize at = 0; at < 100003; at += step)
        onward_hasher_update (hasher, data + at, MIN (step, 100003 - at));
      assert_finish (hasher, expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/hasher/examples", test_hasher_examples);
  g_test_add_func ("/hasher/pieces", test_hasher_pieces);

  return g_test_run ();
}
