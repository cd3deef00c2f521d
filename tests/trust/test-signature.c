/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-public-key.h"

#include <string.h>

#include <gnutls/abstract.h>

#include "onward-hex.h"
#include "onward-json-guard.h"

/* Keys and signatures of "what is signed", made by another implementation (pyca/cryptography). */
/* clang-format off */
#define RSA_2048 \
  "-----BEGIN PUBLIC KEY-----\\n" \
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0B2MgRNhMZQ25gdWX/mx\\n" \
  "/8BZJ3DKJWS652A2X6leZgMRI2hkhy0zcmmCE9VseXTnxCWn/EqKY4MzOJZXpNba\\n" \
  "dk45EQ+SywdXSZq+oQxU2lHX/kXvKpNrPhzQjBDNmi/1uPmcKt5h75wL7EC9diwD\\n" \
  "Fclj1KWDnmfdLlvuzhgzdNJOaeVtonjluf6Gf0QsKwKt78DMqHUGow7nzx+qwoPJ\\n" \
  "9Er6J3KdGYRneLgk0naL5VcgKJNTgzgb+0Q7WYMfkH0zsMIMWzbRbTKa7l7E9ZSb\\n" \
  "Fi04J3k/2FLnutl7x4098cDrZRFCGRmUqy7df4EjHOh19SKiqfo5KS1IT6ILZQqB\\n" \
  "EwIDAQAB\\n" \
  "-----END PUBLIC KEY-----\\n"

#define RSA_1024 \
  "-----BEGIN PUBLIC KEY-----\\n" \
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLxnw3AhoFyhGb+E2lexUNd86m\\n" \
  "haFHxbiaxunTReeVtsbeD+okmQSzOH6qhEdefU/f0F2UZWTUD5MbX0R19Ut/Nyvi\\n" \
  "SxONbWjipzk0I1pDTfeqwjSpYeG2yz1QhO1OvHuqhuvU83+SEdqL2+EZDuh9Wu44\\n" \
  "N0VTPGG6NBbOTrnBOwIDAQAB\\n" \
  "-----END PUBLIC KEY-----\\n"

/* The same algorithm, under an identifier that says what the key may be used for. */
#define RSA_PSS_2048 \
  "-----BEGIN PUBLIC KEY-----\\n" \
  "MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAJt8d4gCnkxPLRnxJQtqyjOH\\n" \
  "RLpj+39z+918obefjDt8DOQvrKUJV496t8wuFcJ3HZzUb22P0+Ugn5Y/+bkb4M0n\\n" \
  "TbrgQ7uLT8C+rr4gOcoHHQhuCH69j5C2TcKFyuJ+MfwX7TaZv/2ITa14T0X4KjHO\\n" \
  "snGG5r3aR6l3tsrfX+uK0DTiziUUiHxcfdSV7gWUfB5SY70dN5AWSdEs7gRFRiAx\\n" \
  "+Ii908UtomznBro7MmnLp20VW4Cqqtr2+Zqw4nX9lbt9nQSED4HvRF3tZJx+6gs0\\n" \
  "BuHwDNFIsMc4UcS9RUBRsoUcBcYSg7jEVF1uoFrHKIh3U26sDQDY5kQsmB3dXqMC\\n" \
  "AwEAAQ==\\n" \
  "-----END PUBLIC KEY-----\\n"

#define P256 \
  "-----BEGIN PUBLIC KEY-----\\n" \
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+8utbq22MGO9ZROo/w4gaNW4BLiJ\\n" \
  "UH0z3BmEIAbJ+jsXCIXTAuhZJoDwnMJXaliXOORioSbCkXEFWc+ZQuxUMw==\\n" \
  "-----END PUBLIC KEY-----\\n"

#define P384 \
  "-----BEGIN PUBLIC KEY-----\\n" \
  "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEoLVPAs2QOoaWH6E8NuaMg57Jsb4Cs//V\\n" \
  "WVk7ivcZSKg+slv9IncRSs/H4WuHgVek/i+MiI5vCaz8+/KKLHpYQrwdi57EaMNJ\\n" \
  "AYdHyLFiaqXpmFH4+ctYTjX8NG1pWDs9\\n" \
  "-----END PUBLIC KEY-----\\n"

#define PSS_32 \
  "4496a8a6dfa23dc872428684d51848fefe65845c2ac346be5a8e9666132545934720a84cc81675f56f927b8b" \
  "2ca9903ec31868c3e8251d27002d5da30b80105f606895b0fff158dab4cc655db6a425525c22c06e8ad3c8b3" \
  "c43b68fce7f86ebd029c45fdfe2ef1278f35edaf4f3a8c27d5ad7443b8714f0e92028252e8e420207c1559cf" \
  "887a42bba95ebdca503a728a8ddb3fee610b44fea7d842d9959f6c2b694618eb4b7a3e39d426bbeac2cf4e2d" \
  "90652add9075420b857d288ea305eb62f526a288e9827c40dbeff72acab8f7dbb824912d758230c66fcc7f9a" \
  "78b0a9d68aec943a764e723778f1a978b4506b896906e0d57496eb12e9480a83a1a364dc"

#define PSS_LONGEST \
  "93779ae9571c6da0953645db23572e29745fa062bf73e6e2a6fb192904f611f2411fe736af4f2a9d0ba0517e" \
  "ee6fcb658ef9f7b43fd179f41076a46ebe513d192c6966d3ac9375ea4eeaabf7c240ed7cfc00158b5d2cb66b" \
  "3eaf5e011bb24a7024578bddd5d32df468a67dddfd9b7caccf1f4b3586b52ffddf94b92b4ffa8876de883c83" \
  "3ad46d498049fb12a0fb94f7652ff9fa8397e75fd7a134b9489c3edc92cd1329edc8499a164bd25fe8114dd2" \
  "13a959a76f5188c3478632b77f8a72e207f383748a736c5130741b51ea1954b343c9097264ed00082ae0613f" \
  "db72356eec752290132c3eca14b49c0b7f190d2c6c7691da05851448ccecd1244ecd3c22"

#define PSS_20 \
  "2c5a1c2eacb0be9a0e47df275cbcbc97749182b63e23bf28edb1339f67fbdfaa3e8de1c16fa614963997d2f5" \
  "23f613678a95f287ba56da64a2de8a1f0f28871e29551f30c4c1d375d72b1ed88dee89044ed68572f887d46e" \
  "bab5d151371031a367a6d84b45404578e79706b2f100c0c37243da7c7a204aa5f7ae58ed87130b77682eed45" \
  "3c840319df37dfe2f31d868930fcf7e05704303c756fe501c52af3d346834c7252846675da902435b41662c5" \
  "9a5ef7a672b630c878c3fdb88ad47475f18808f81b6a30351b039ebf33c71593832576b472f27e691fa1d0f4" \
  "a195613ccb414be063499a34a79c302a087d61d0b3745435656ebd44519f7976eefc84f4"

#define PSS_SHA512 \
  "80d78021c77f71a52bcde22762ee2c71cbeec169df367ef08aa3c5b801d8f214e634c4dea8408006b5f5b8da" \
  "3bce49d3d72de1238eb5d63e2b830b45269c6d49ec5fddf9020b8f08211cd8e94072f99d1470f6d6018a869a" \
  "05c23ce95d9bd1ddb98188e4b63de836871ed0c55b165b95955bc21eb9e10620d11c3c6864650018fa23bee9" \
  "449c2fcbe2ae56906f062b084314bbf08bd559fb7681a0bcb9dfc838cf17a4134da3d3c0bdd710a5df69b149" \
  "a727a52f7091f59da64de698cb92b33e92c37c13b96a17ced8606d61efcb4cb9a651d71f7b8e16933a4b7027" \
  "247211c8917ed07e57b874426c9f826828bcf057abb243188e767b4f27484b5f6ce1bde5"

#define PKCS1 \
  "8dc4b0354ffa143f6387eaaf36302488a2c04a9407417d2775c5536cc54761679721e073ba3a13844142624c" \
  "a75227c5886c33f93260007cba78dc259b41f9cd200fcb2e487ba88d38dd04582804818e319a9c9cd9e20531" \
  "48dd3a39a13b6f189a7c1d7127cce2dfa7dc1f97d3082942a15fb76a803970a38cdc41ae3de1059af057f50b" \
  "23afeddc9d09eb35f14c0356b199e0a526a03fc41b72f378ffb10a1e54e66800aa58d3802f1dd2fe329ca42a" \
  "a919edb661dd29848932b3d1340a902feb8eb31c876b15afc3c819794d247b21237dec405a25060da498fac4" \
  "131357b4cabad76966cd669637eac22c203876a37e9c3180de17dd573f62e0d1100dc994"

#define PKCS1_SHA1 \
  "3af55420f79362b0b06904b9555a4a328447fe9f3e34cd151f69d0389e09867487fdae440e9066bfbf43d607" \
  "ed269c4dab86330c0171b91c03e67a0f5a9495a2bcb94ba19657904584ae6b9d78c61ba4c02301af03053bdb" \
  "4212712f5279fe05fae5e0332bfee7f9d6d3e6b4e58404d85489e1b30883fc30e3e3310ef8c5490d3b3c01f3" \
  "f70d5d7a95e79e6a09a48692a790847e4187b71a95e54a9637a2808854ca6e728db21f8619fb789cbb8a2ac4" \
  "9fb5735daf5e7bb9c2993e27c2b8f050cf04776ce0b8abf00592be16bacdb3a774d016c7300096f273ab3a39" \
  "7c9b58798cdd972986e03bf333edf382b84c8144cfce3e7ae84fbb224c2df66b8480acdc"

#define PSS_SMALL \
  "92866aad490375851d3cb4b06307bca2255e1be1909fa7a8d9515aade294dbcf3b97dde7bdaa66023acd0c02" \
  "a3027c6f81506682fef54c77f061bf2de119f777695a03a234ec92ca3f5f7c390a04bd4a6dd54ba5b5f788b6" \
  "2b8ddb1ea36baa9fd29ffdad61c725c3cd8e3bbc23004091992f304de7221184ab61a11af189849c"

#define ECDSA_256 \
  "3045022100809303fa7cdb2263357ad0f7ee9b7c83bc4df6138004363ad5c1a89b5b1a36c002202cdb04e9c2" \
  "b352ac572e14d2aae6c1e67f936d28cd14b858d25d4335b20b083e"

#define ECDSA_384 \
  "3065023100d5a15ae267bab83def47559d13dec983421abe6f51f778535c28a9d7fcc72ea6e0e09ee831a6f6" \
  "9e5cc7c5b0758685f002304dab0fc6107031aa7ba58b4a02342934095d2bf9cda5cff308acd8de6469d89872" \
  "f92efc540830b143dd80f34efa6b12"

#define ECDSA_SHA512 \
  "304502202403a709a32ef438d80878c472da2df4d8071eb9f8793c7f19c6eb4872ce96c4022100b680b26d96" \
  "2d04c1ba308d94a963ba2ae98d70b5a385884050a1c9c381720aea"

#define ED25519_KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
/* RFC 8032, 7.1, test 1: of the empty message. */
#define ED25519_EMPTY \
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4" \
  "6bd25bf5f0595bbe24655141438e7a100b"

typedef struct
{
  const char *name;
  const char *keytype;
  const char *scheme;
  const char *key;
  const char *message; /* (nullable): "what is signed" */
  const char *signature;
  gboolean good;
} Vector;

static const Vector vectors[] = {
  { "ed25519",          "ed25519", "ed25519", ED25519_KEY, "", ED25519_EMPTY, TRUE },
  { "ed25519-other",    "ed25519", "ed25519", ED25519_KEY, "x", ED25519_EMPTY, FALSE },
  { "ed25519-as-ecdsa", "ecdsa", "ecdsa-sha2-nistp256", ED25519_KEY, "", ED25519_EMPTY, FALSE },
  { "ecdsa",            "ecdsa", "ecdsa-sha2-nistp256", P256, NULL, ECDSA_256, TRUE },
  { "ecdsa-old-name",   "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", P256, NULL, ECDSA_256, TRUE },
  { "ecdsa-other",      "ecdsa", "ecdsa-sha2-nistp256", P256, "x", ECDSA_256, FALSE },
  { "ecdsa-sha512",     "ecdsa", "ecdsa-sha2-nistp256", P256, NULL, ECDSA_SHA512, FALSE },
  { "ecdsa-p384",       "ecdsa", "ecdsa-sha2-nistp256", P384, NULL, ECDSA_384, FALSE },
  { "ecdsa-p384-name",  "ecdsa", "ecdsa-sha2-nistp384", P384, NULL, ECDSA_384, FALSE },
  { "ecdsa-of-rsa",     "ecdsa", "ecdsa-sha2-nistp256", RSA_2048, NULL, PKCS1, FALSE },
  { "pss",              "rsa", "rsassa-pss-sha256", RSA_2048, NULL, PSS_32, TRUE },
  { "pss-longest-salt", "rsa", "rsassa-pss-sha256", RSA_2048, NULL, PSS_LONGEST, TRUE },
  { "pss-short-salt",   "rsa", "rsassa-pss-sha256", RSA_2048, NULL, PSS_20, FALSE },
  { "pss-sha512",       "rsa", "rsassa-pss-sha256", RSA_2048, NULL, PSS_SHA512, FALSE },
  { "pss-other",        "rsa", "rsassa-pss-sha256", RSA_2048, "x", PSS_32, FALSE },
  { "pss-of-pkcs1",     "rsa", "rsassa-pss-sha256", RSA_2048, NULL, PKCS1, FALSE },
  { "pss-of-p256",      "rsa", "rsassa-pss-sha256", P256, NULL, ECDSA_256, FALSE },
  { "pss-1024",         "rsa", "rsassa-pss-sha256", RSA_1024, NULL, PSS_SMALL, FALSE },
  { "pkcs1",            "rsa", "rsa-pkcs1v15-sha256", RSA_2048, NULL, PKCS1, TRUE },
  { "pkcs1-sha1",       "rsa", "rsa-pkcs1v15-sha256", RSA_2048, NULL, PKCS1_SHA1, FALSE },
  { "pkcs1-of-pss",     "rsa", "rsa-pkcs1v15-sha256", RSA_2048, NULL, PSS_32, FALSE },
};
/* clang-format on */

static OnwardPublicKey *
make_key (const char *keytype, const char *scheme, const char *text)
{
  g_autofree char *json =
      g_strdup_printf ("{\"keytype\":\"%s\",\"scheme\":\"%s\",\"keyval\":{\"public\":\"%s\"}}",
                       keytype, scheme, text);
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = onward_json_guard_parse (bytes, 1 << 16, &error);
  OnwardPublicKey *key;

  g_assert_no_error (error);
  key = onward_public_key_parse (json_node_get_object (node), &error);
  g_assert_no_error (error);
  return key;
}

static OnwardPublicKey *
make_key_of (const Vector *vector)
{
  return make_key (vector->keytype, vector->scheme, vector->key);
}

static gboolean
verifies (OnwardPublicKey *key, const Vector *vector, GBytes *signature)
{
  const char *text = vector->message != NULL ? vector->message : "what is signed";
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return onward_public_key_verify (key, bytes, signature);
}

/* Keys of every scheme verify what another implementation signed by it, and nothing else. */
static void
test_schemes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (OnwardPublicKey) key = make_key_of (&vectors[i]);
      g_autoptr (GBytes) signature = onward_hex_decode (vectors[i].signature);

      g_test_message ("%s", vectors[i].name);
      g_assert_cmpint (verifies (key, &vectors[i], signature), ==, vectors[i].good);
    }
}

static void
assert_no_damage_passes (const Vector *vector)
{
  g_autoptr (OnwardPublicKey) key = make_key_of (vector);
  g_autoptr (GBytes) signature = onward_hex_decode (vector->signature);
  gsize size = g_bytes_get_size (signature);

  for (gsize at = 0; at < size; at++)
    {
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (signature, NULL), size);
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (signature, 0, at);
      g_autoptr (GBytes) flipped = NULL;

      data[at] ^= (guint8) (1u << at % 8);
      flipped = g_bytes_new (data, size);
      g_assert_false (verifies (key, vector, cut));
      g_assert_false (verifies (key, vector, flipped));
    }
}

/* A signature with any one bit turned over, or cut short anywhere, is none. */
static void
test_damaged (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      if (vectors[i].good)
        assert_no_damage_passes (&vectors[i]);
    }
}

/* One key under two schemes or key types is still one key: it counts once. */
static void
test_one_key_by_many_names (void)
{
  g_autoptr (OnwardPublicKey) ecdsa = make_key ("ecdsa", "ecdsa-sha2-nistp256", P256);
  g_autoptr (OnwardPublicKey) old = make_key ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", P256);
  g_autoptr (OnwardPublicKey) pss = make_key ("rsa", "rsassa-pss-sha256", RSA_2048);
  g_autoptr (OnwardPublicKey) pkcs1 = make_key ("rsa", "rsa-pkcs1v15-sha256", "\\n" RSA_2048 "\\n");

  g_assert_true (onward_public_key_equal (ecdsa, old));
  g_assert_true (onward_public_key_equal (pss, pkcs1));
  g_assert_false (onward_public_key_equal (ecdsa, pss));
}

/* Neither for RSA nor for ECDSA. */
static void
assert_unusable (const char *text)
{
  g_autoptr (OnwardPublicKey) rsa = make_key ("rsa", "rsassa-pss-sha256", text);
  g_autoptr (OnwardPublicKey) ecdsa = make_key ("ecdsa", "ecdsa-sha2-nistp256", text);

  g_assert_false (onward_public_key_is_usable (rsa));
  g_assert_false (onward_public_key_is_usable (ecdsa));
}

/* Text that is no key, or too much of it, makes an unusable key and no error. */
static void
test_unusable (void)
{
  static const char *const texts[] = {
    "",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\\n-----END PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----",
    "04deadbeef",
    RSA_1024,
    RSA_PSS_2048,
    P384,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_unusable (texts[i]);
}

/* Good keys are no good after 16 KiB of text that a reader of PEM passes over. */
static void
test_too_much_text (void)
{
  g_autofree char *space = g_strnfill (16384, ' ');
  g_autofree char *rsa_text = g_strconcat (space, "\\n", RSA_2048, NULL);
  g_autofree char *ecdsa_text = g_strconcat (space, "\\n", P256, NULL);

  assert_unusable (rsa_text);
  assert_unusable (ecdsa_text);
}

/* An RSA key of that many bits as metadata holds it; nobody has its other half. */
static char *
make_rsa_text (guint bits)
{
  g_autofree guint8 *modulus = g_malloc (bits / 8);
  guint8 exponent[] = { 1, 0, 1 };
  gnutls_datum_t n = { modulus, bits / 8 }, e = { exponent, sizeof exponent };
  gnutls_datum_t pem = { NULL, 0 };
  gnutls_pubkey_t key = NULL;
  g_auto (GStrv) lines = NULL;

  memset (modulus, 0xff, bits / 8);
  g_assert_cmpint (gnutls_pubkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_pubkey_import_rsa_raw (key, &n, &e), ==, 0);
  g_assert_cmpint (gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
  lines = g_strsplit ((const char *) pem.data, "\n", -1);
  gnutls_free (pem.data);
  gnutls_pubkey_deinit (key);
  return g_strjoinv ("\\n", lines);
}

/* RSA keys have 2048 to 8192 bits: shorter ones are weak, longer ones keep a client busy. */
static void
test_rsa_sizes (void)
{
  /* clang-format off */
  static const struct { guint bits; gboolean usable; } sizes[] = {
    { 2040, FALSE }, { 2048, TRUE }, { 8192, TRUE }, { 8200, FALSE },
  };
  /* clang-format on */

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = make_rsa_text (sizes[i].bits);
      g_autoptr (OnwardPublicKey) key = make_key ("rsa", "rsassa-pss-sha256", text);

      g_assert_cmpint (onward_public_key_is_usable (key), ==, sizes[i].usable);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/signature/schemes", test_schemes);
  g_test_add_func ("/signature/damaged", test_damaged);
  g_test_add_func ("/signature/one-key-by-many-names", test_one_key_by_many_names);
  g_test_add_func ("/signature/unusable", test_unusable);
  g_test_add_func ("/signature/too-much-text", test_too_much_text);
  g_test_add_func ("/signature/rsa-sizes", test_rsa_sizes);

  return g_test_run ();
}
