/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-public-key.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "onward-canonical-json.h"
#include "onward-digest.h"
#include "onward-error.h"
#include "onward-hex.h"
#include "onward-json.h"

#define MAX_PEM_SIZE (16 * 1024)
#define MIN_RSA_BITS 2048
#define MAX_RSA_BITS 8192

struct _OnwardPublicKey
{
  const struct OnwardScheme *scheme; /* (nullable): not known here */
  gnutls_pubkey_t key;               /* (owned) (nullable): not usable */
  gnutls_pubkey_t long_salt;         /* (owned) (nullable): the same, for the longest salt of PSS */
  GBytes *identity;                  /* (owned) (nullable): the key as DER, without its id */
};

typedef gboolean (*ImportFunc) (gnutls_pubkey_t key, const char *text);

typedef struct OnwardScheme
{
  const char *keytype;
  const char *name;
  gnutls_sign_algorithm_t algorithm;
  ImportFunc import;
} OnwardScheme;

static gboolean
import_ed25519 (gnutls_pubkey_t key, const char *text)
{
  g_autoptr (GBytes) raw = onward_hex_decode (text);
  gnutls_datum_t x = { NULL, 0 };
  gsize size = 0;

  if (raw == NULL || g_bytes_get_size (raw) != 32)
    return FALSE;
  x.data = (unsigned char *) g_bytes_get_data (raw, &size);
  x.size = (unsigned int) size;
  return gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_ED25519, &x, NULL) == 0;
}

static gboolean
import_pem (gnutls_pubkey_t key, const char *text)
{
  gnutls_datum_t pem = { (unsigned char *) text, 0 };
  gsize size = strlen (text);

  if (size > MAX_PEM_SIZE)
    return FALSE;
  pem.size = (unsigned int) size;
  return gnutls_pubkey_import (key, &pem, GNUTLS_X509_FMT_PEM) == 0;
}

static gboolean
import_p256 (gnutls_pubkey_t key, const char *text)
{
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

  return import_pem (key, text) && gnutls_pubkey_get_pk_algorithm (key, NULL) == GNUTLS_PK_ECDSA &&
         gnutls_pubkey_export_ecc_raw (key, &curve, NULL, NULL) == 0 &&
         curve == GNUTLS_ECC_CURVE_SECP256R1;
}

static gboolean
import_rsa (gnutls_pubkey_t key, const char *text)
{
  unsigned int bits = 0;

  return import_pem (key, text) && gnutls_pubkey_get_pk_algorithm (key, &bits) == GNUTLS_PK_RSA &&
         bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
}

/* The last is no scheme of the specification, but one that repositories are found to use. */
/* clang-format off */
static const OnwardScheme schemes[] = {
  { "ed25519",             "ed25519",             GNUTLS_SIGN_EDDSA_ED25519,  import_ed25519 },
  { "ecdsa",               "ecdsa-sha2-nistp256", GNUTLS_SIGN_ECDSA_SHA256,   import_p256 },
  { "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", GNUTLS_SIGN_ECDSA_SHA256,   import_p256 },
  { "rsa",                 "rsassa-pss-sha256",   GNUTLS_SIGN_RSA_PSS_SHA256, import_rsa },
  { "rsa",                 "rsa-pkcs1v15-sha256", GNUTLS_SIGN_RSA_SHA256,     import_rsa },
};
/* clang-format on */

static const OnwardScheme *
find_scheme (const char *keytype, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (g_str_equal (schemes[i].keytype, keytype) && g_str_equal (schemes[i].name, name))
        return &schemes[i];
    }
  return NULL;
}

static GBytes *
export_identity (gnutls_pubkey_t key)
{
  gnutls_datum_t der = { NULL, 0 };
  GBytes *identity;

  if (gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &der) < 0)
    return NULL;
  identity = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  return identity;
}

static gboolean
set_salt_size (gnutls_pubkey_t key, unsigned int salt_size)
{
  gnutls_x509_spki_t spki = NULL;
  gboolean done;

  if (gnutls_x509_spki_init (&spki) < 0)
    return FALSE;
  gnutls_x509_spki_set_rsa_pss_params (spki, GNUTLS_DIG_SHA256, salt_size);
  done = gnutls_pubkey_set_spki (key, spki, 0) >= 0;
  gnutls_x509_spki_deinit (spki);
  return done;
}

/* Signers salt PSS with as much as the digest has, which is GnuTLS's own measure, or with as much
 * as the key can hold (RFC 8017, 9.1.1). */
static gboolean
import_long_salt (OnwardPublicKey *self, const char *text)
{
  unsigned int bits = 0;

  if (self->scheme->algorithm != GNUTLS_SIGN_RSA_PSS_SHA256)
    return TRUE;
  if (gnutls_pubkey_init (&self->long_salt) < 0 || !import_rsa (self->long_salt, text))
    return FALSE;
  (void) gnutls_pubkey_get_pk_algorithm (self->long_salt, &bits);
  return set_salt_size (self->long_salt, (bits + 6) / 8 - ONWARD_DIGEST_SIZE - 2);
}

static void
import_key (OnwardPublicKey *self, const char *text)
{
  if (gnutls_pubkey_init (&self->key) < 0)
    return;
  if (self->scheme->import (self->key, text) && import_long_salt (self, text))
    self->identity = export_identity (self->key);
}

/**
 * onward_public_key_parse:
 * @object: the TUF key object
 * @error: return location for ONWARD_ERROR_MALFORMED
 *
 * Reads a key as metadata lists it (TUF specification 4.2). A key of an unknown scheme, or with
 * unusable material, is no error: such keys never verify a signature, and the threshold of their
 * role decides.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardPublicKey *
onward_public_key_parse (JsonObject *object, GError **error)
{
  g_autoptr (OnwardPublicKey) self = NULL;
  const char *keytype, *scheme, *text;
  JsonObject *keyval;

  g_return_val_if_fail (object != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!onward_json_get_string (object, "keytype", &keytype, error) ||
      !onward_json_get_string (object, "scheme", &scheme, error) ||
      !onward_json_get_object (object, "keyval", &keyval, error))
    return NULL;

  self = g_atomic_rc_box_new0 (OnwardPublicKey);
  self->scheme = find_scheme (keytype, scheme);
  if (self->scheme == NULL)
    return g_steal_pointer (&self);

  if (!onward_json_get_string (keyval, "public", &text, error))
    return NULL;
  import_key (self, text);
  return g_steal_pointer (&self);
}

/**
 * onward_public_key_ref:
 * @self: a key
 *
 * Returns: (transfer full): @self
 */
OnwardPublicKey *
onward_public_key_ref (OnwardPublicKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
onward_public_key_clear (gpointer data)
{
  OnwardPublicKey *self = data;

  if (self->key != NULL)
    gnutls_pubkey_deinit (self->key);
  if (self->long_salt != NULL)
    gnutls_pubkey_deinit (self->long_salt);
  g_clear_pointer (&self->identity, g_bytes_unref);
}

/**
 * onward_public_key_unref:
 * @self: (transfer full): a key
 */
void
onward_public_key_unref (OnwardPublicKey *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, onward_public_key_clear);
}

/**
 * onward_public_key_is_usable:
 * @self: a key
 *
 * Returns: whether @self can verify signatures at all
 */
gboolean
onward_public_key_is_usable (OnwardPublicKey *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->identity != NULL;
}

/**
 * onward_public_key_equal:
 * @a: a key
 * @b: a key
 *
 * Compares the keys themselves: one key listed under two ids still counts once.
 *
 * Returns: whether both are usable and the same
 */
gboolean
onward_public_key_equal (OnwardPublicKey *a, OnwardPublicKey *b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  return a->identity != NULL && b->identity != NULL && g_bytes_equal (a->identity, b->identity);
}

/**
 * onward_public_key_verify:
 * @self: a key
 * @message: what was signed
 * @signature: the bytes of the signature
 *
 * Returns: %TRUE only when @signature is @self's over @message
 */
gboolean
onward_public_key_verify (OnwardPublicKey *self, GBytes *message, GBytes *signature)
{
  gnutls_datum_t data = { NULL, 0 }, sig = { NULL, 0 };
  gsize data_size, sig_size;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (signature != NULL, FALSE);

  if (self->identity == NULL)
    return FALSE;

  data.data = (unsigned char *) g_bytes_get_data (message, &data_size);
  sig.data = (unsigned char *) g_bytes_get_data (signature, &sig_size);
  if (data_size > G_MAXUINT || sig_size == 0 || sig_size > G_MAXUINT)
    return FALSE;
  data.size = (unsigned int) data_size;
  sig.size = (unsigned int) sig_size;
  return gnutls_pubkey_verify_data2 (self->key, self->scheme->algorithm, 0, &data, &sig) >= 0 ||
         (self->long_salt != NULL &&
          gnutls_pubkey_verify_data2 (self->long_salt, self->scheme->algorithm, 0, &data, &sig) >=
              0);
}

/**
 * onward_public_key_compute_id:
 * @object: the TUF key object
 * @error: return location for ONWARD_ERROR_MALFORMED
 *
 * The id a publisher gives a key. Clients only need ids to be unique and never recompute them.
 *
 * Returns: (transfer full) (nullable): the SHA-256 of the canonical form, in hexadecimal
 */
char *
onward_public_key_compute_id (JsonObject *object, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) canonical = NULL;
  OnwardDigest digest;

  g_return_val_if_fail (object != NULL, NULL);

  node = json_node_init_object (json_node_alloc (), object);
  canonical = onward_canonical_json (node, error);
  if (canonical == NULL)
    return NULL;
  onward_digest_of_bytes (canonical, &digest);
  return onward_digest_to_string (&digest);
}
