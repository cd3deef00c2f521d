/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-key.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs11.h>
#include <gnutls/x509.h>

#include "onward-error.h"
#include "onward-hex.h"
#include "onward-public-key.h"
#include "onward-secret.h"

#define MAX_FILE_SIZE   (64 * 1024)
#define ENCRYPTED_LABEL "-----BEGIN ENCRYPTED PRIVATE KEY-----"
#define PLAIN_BEGIN     "-----BEGIN PRIVATE KEY-----"
#define PLAIN_END       "-----END PRIVATE KEY-----"
#define TOKEN_SCHEME    "pkcs11:"
#define RSA_BITS        3072
#define RSA_LEAST_BITS  2048

typedef struct
{
  const char *keytype;
  const char *scheme;
  gnutls_pk_algorithm_t algorithm;
  gnutls_sign_algorithm_t signature;
  unsigned int bits;
} Kind;

/* By OnwardKeyKind. */
/* clang-format off */
static const Kind kinds[] = {
  { "ed25519", "ed25519",              GNUTLS_PK_EDDSA_ED25519, GNUTLS_SIGN_EDDSA_ED25519,
    GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519) },
  { "ecdsa",   "ecdsa-sha2-nistp256",  GNUTLS_PK_ECDSA,         GNUTLS_SIGN_ECDSA_SHA256,
    GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1) },
  { "rsa",     "rsassa-pss-sha256",    GNUTLS_PK_RSA,           GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
    RSA_BITS },
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == ONWARD_KEY_KIND_LAST + 1);

struct _OnwardKey
{
  const Kind *kind;
  gnutls_x509_privkey_t secret; /* (owned) (nullable): it is in a token, which keeps it */
  gnutls_privkey_t signer;      /* (owned) */
  char *pin;                    /* (owned) (nullable): what the token may ask for at any time */
  JsonObject *object;           /* (owned): the TUF public key object */
  char *id;                     /* (owned) */
};

static gboolean
check (int result, const char *doing, GError **error)
{
  if (result >= 0)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_FAILED, "%s: %s", doing, gnutls_strerror (result));
  return FALSE;
}

/**
 * onward_key_kind_parse:
 * @text: "ed25519", "ecdsa" or "rsa"
 * @ret_kind: (out): what it means
 *
 * Returns: whether there is such a kind of keys
 */
gboolean
onward_key_kind_parse (const char *text, OnwardKeyKind *ret_kind)
{
  g_return_val_if_fail (text != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_str_equal (kinds[i].keytype, text))
        {
          *ret_kind = (OnwardKeyKind) i;
          return TRUE;
        }
    }
  return FALSE;
}

static const Kind *
find_kind (gnutls_privkey_t signer, GError **error)
{
  unsigned int bits = 0;
  int algorithm = gnutls_privkey_get_pk_algorithm (signer, &bits);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const Kind *kind = &kinds[i];

      if ((int) kind->algorithm != algorithm)
        continue;
      if (kind->algorithm == GNUTLS_PK_RSA ? bits >= RSA_LEAST_BITS
                                           : bits == 0 || bits == 256 || bits == 255)
        return kind;
    }
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
               "It is a key of %s with %u bits, not of ed25519, of ECDSA on P-256, nor of RSA with "
               "%d bits or more",
               algorithm < 0 ? "an unknown kind" : gnutls_pk_get_name (algorithm), bits,
               RSA_LEAST_BITS);
  return NULL;
}

static char *
export_hex (gnutls_pubkey_t key, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  gnutls_datum_t x = { NULL, 0 };
  gnutls_ecc_curve_t curve;

  if (!check (gnutls_pubkey_export_ecc_raw2 (key, &curve, &x, NULL, 0), "Reading the public key",
              error))
    return NULL;
  bytes = g_bytes_new (x.data, x.size);
  gnutls_free (x.data);
  return onward_hex_encode (bytes);
}

static char *
export_pem_text (gnutls_pubkey_t key, GError **error)
{
  gnutls_datum_t pem = { NULL, 0 };
  char *text;

  if (!check (gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_PEM, &pem), "Reading the public key",
              error))
    return NULL;
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

/* An ed25519 key is 32 bytes, any other a PEM document (TUF specification 4.2). */
static char *
dup_public_text (OnwardKey *self, GError **error)
{
  gnutls_pubkey_t key = NULL;
  char *text = NULL;

  if (!check (gnutls_pubkey_init (&key), "Reading the public key", error))
    return NULL;
  if (check (gnutls_pubkey_import_privkey (key, self->signer, 0, 0),
             self->secret != NULL
                 ? "Reading the public key"
                 : "Reading the public key from the token (one of ECDSA on P-256 works with every "
                   "token)",
             error))
    text = self->kind->algorithm == GNUTLS_PK_EDDSA_ED25519 ? export_hex (key, error)
                                                            : export_pem_text (key, error);
  gnutls_pubkey_deinit (key);
  return text;
}

static JsonObject *
make_public_object (const Kind *kind, const char *text)
{
  JsonObject *object = json_object_new ();
  JsonObject *keyval = json_object_new ();

  json_object_set_string_member (keyval, "public", text);
  json_object_set_string_member (object, "keytype", kind->keytype);
  json_object_set_object_member (object, "keyval", keyval);
  json_object_set_string_member (object, "scheme", kind->scheme);
  return object;
}

static gboolean
describe (OnwardKey *self, GError **error)
{
  g_autofree char *text = NULL;

  self->kind = find_kind (self->signer, error);
  if (self->kind == NULL)
    return FALSE;
  text = dup_public_text (self, error);
  if (text == NULL)
    return FALSE;
  self->object = make_public_object (self->kind, text);
  self->id = onward_public_key_compute_id (self->object, error);
  return self->id != NULL;
}

/* Takes @secret over, also on failure. */
static OnwardKey *
onward_key_new_take (gnutls_x509_privkey_t secret, GError **error)
{
  g_autoptr (OnwardKey) self = g_new0 (OnwardKey, 1);

  self->secret = secret;
  if (!check (gnutls_privkey_init (&self->signer), "Preparing the key", error) ||
      !check (gnutls_privkey_import_x509 (self->signer, secret, 0), "Preparing the key", error) ||
      !describe (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * onward_key_generate_kind:
 * @kind: what kind of key
 * @error: return location for a #GError
 *
 * Makes a new key from the system's randomness.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardKey *
onward_key_generate_kind (OnwardKeyKind kind, GError **error)
{
  gnutls_x509_privkey_t secret = NULL;
  int result;

  g_return_val_if_fail (kind <= ONWARD_KEY_KIND_LAST, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check (gnutls_x509_privkey_init (&secret), "Generating a key", error))
    return NULL;
  result =
      gnutls_x509_privkey_generate2 (secret, kinds[kind].algorithm, kinds[kind].bits, 0, NULL, 0);
  if (!check (result, "Generating a key", error))
    {
      gnutls_x509_privkey_deinit (secret);
      return NULL;
    }
  return onward_key_new_take (secret, error);
}

/**
 * onward_key_generate:
 * @error: return location for a #GError
 *
 * Makes a new ed25519 key from the system's randomness.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardKey *
onward_key_generate (GError **error)
{
  return onward_key_generate_kind (ONWARD_KEY_KIND_ED25519, error);
}

static gboolean
is_encrypted (GBytes *pem)
{
  gsize size;
  const char *text = g_bytes_get_data (pem, &size);

  return text != NULL && g_strstr_len (text, (gssize) size, ENCRYPTED_LABEL) != NULL;
}

static gboolean
import_encrypted (gnutls_x509_privkey_t secret, GBytes *pem, const char *passphrase, GError **error)
{
  gnutls_datum_t data = { NULL, 0 };
  gsize size;

  if (passphrase == NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                           "A passphrase is needed");
      return FALSE;
    }

  data.data = (unsigned char *) g_bytes_get_data (pem, &size);
  data.size = (unsigned int) size;
  if (gnutls_x509_privkey_import_pkcs8 (secret, &data, GNUTLS_X509_FMT_PEM, passphrase, 0) >= 0)
    return TRUE;
  g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                       "The passphrase does not fit, or the file is damaged");
  return FALSE;
}

/* GnuTLS would leave what it decodes in memory. */
static gboolean
import_plain (gnutls_x509_privkey_t secret, GBytes *pem, GError **error)
{
  g_autoptr (GBytes) der = onward_secret_decode (pem, PLAIN_BEGIN, PLAIN_END);
  int result = GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR;
  gnutls_datum_t data = { NULL, 0 };
  gsize size;

  if (der != NULL)
    {
      data.data = (unsigned char *) g_bytes_get_data (der, &size);
      data.size = (unsigned int) size;
      result = gnutls_x509_privkey_import_pkcs8 (secret, &data, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN);
    }
  if (result >= 0)
    return TRUE;
  g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_MALFORMED, "It is not a PKCS#8 key: %s",
               gnutls_strerror (result));
  return FALSE;
}

static OnwardKey *
onward_key_import (GBytes *pem, const char *passphrase, GError **error)
{
  gnutls_x509_privkey_t secret = NULL;

  if (!check (gnutls_x509_privkey_init (&secret), "Preparing the key", error))
    return NULL;
  if (is_encrypted (pem) ? !import_encrypted (secret, pem, passphrase, error)
                         : !import_plain (secret, pem, error))
    {
      gnutls_x509_privkey_deinit (secret);
      return NULL;
    }
  return onward_key_new_take (secret, error);
}

/* One try only: tokens lock themselves after a few wrong ones. */
static int
on_pin (void *user_data, int attempt, const char *token_url, const char *token_label,
        unsigned int flags, char *pin, size_t pin_max)
{
  const char *passphrase = user_data;

  if (passphrase == NULL || attempt > 0 || strlen (passphrase) >= pin_max)
    return -1;
  g_strlcpy (pin, passphrase, pin_max);
  return 0;
}

static void
set_token_error (GError **error, int result, const char *passphrase)
{
  static const int refusals[] = { GNUTLS_E_PKCS11_PIN_ERROR, GNUTLS_E_PKCS11_PIN_EXPIRED,
                                  GNUTLS_E_PKCS11_PIN_LOCKED, GNUTLS_E_PKCS11_USER_ERROR };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      if (result == refusals[i])
        {
          g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED, "%s: %s",
                       passphrase == NULL ? "The token's PIN is needed"
                                          : "The token does not take the PIN",
                       gnutls_strerror (result));
          return;
        }
    }
  g_set_error (error, ONWARD_ERROR,
               result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ? ONWARD_ERROR_NOT_FOUND
                                                               : ONWARD_ERROR_FAILED,
               "The token has no such key, or none is there; see that it is plugged in and that "
               "“p11-kit list-modules” knows it: %s",
               gnutls_strerror (result));
}

static OnwardKey *
load_from_token (const char *uri, const char *passphrase, GError **error)
{
  g_autoptr (OnwardKey) self = g_new0 (OnwardKey, 1);
  int result;

  if (!check (gnutls_privkey_init (&self->signer), "Preparing the key", error))
    return NULL;
  self->pin = g_strdup (passphrase);
  gnutls_privkey_set_pin_function (self->signer, on_pin, self->pin);
  result = gnutls_privkey_import_url (self->signer, uri, 0);
  if (result < 0)
    {
      set_token_error (error, result, passphrase);
      return NULL;
    }
  return describe (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * onward_key_is_token:
 * @source: where a key is
 *
 * Returns: whether @source is the PKCS#11 URI of a key in a token, not a file
 */
gboolean
onward_key_is_token (const char *source)
{
  g_return_val_if_fail (source != NULL, FALSE);

  return g_str_has_prefix (source, TOKEN_SCHEME);
}

static OnwardKey *
load_from_file (const char *path, const char *passphrase, GError **error)
{
  g_autoptr (GBytes) pem = onward_secret_read (path, MAX_FILE_SIZE, error);

  return pem == NULL ? NULL : onward_key_import (pem, passphrase, error);
}

/**
 * onward_key_load:
 * @source: a PKCS#8 PEM file, or the PKCS#11 URI of a key in a token
 * @passphrase: (nullable): what it was encrypted with, or the token's PIN; ignored for a plain file
 * @error: return location for a #GError: NOT_PERMITTED when the passphrase is missing or wrong,
 *   NOT_FOUND when there is no such key
 *
 * Reads a secret key; one in a token stays there. Blocking.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardKey *
onward_key_load (const char *source, const char *passphrase, GError **error)
{
  OnwardKey *self;

  g_return_val_if_fail (source != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = onward_key_is_token (source) ? load_from_token (source, passphrase, error)
                                      : load_from_file (source, passphrase, error);
  if (self == NULL)
    g_prefix_error (error, "Loading the key “%s”: ", source);
  return self;
}

static void
free_secret (gpointer data)
{
  gnutls_datum_t *secret = data;

  gnutls_memset (secret->data, 0, secret->size);
  gnutls_free (secret->data);
  g_free (secret);
}

static GBytes *
export_pem (OnwardKey *self, const char *passphrase, GError **error)
{
  g_autofree gnutls_datum_t *pem = g_new0 (gnutls_datum_t, 1);
  gconstpointer data;
  gsize size;
  int result;

  result = gnutls_x509_privkey_export2_pkcs8 (
      self->secret, GNUTLS_X509_FMT_PEM, passphrase,
      passphrase != NULL ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, pem);
  if (!check (result, "Encoding the key", error))
    return NULL;
  data = pem->data;
  size = pem->size;
  return g_bytes_new_with_free_func (data, size, free_secret, g_steal_pointer (&pem));
}

/**
 * onward_key_save:
 * @self: a key
 * @path: where to; must not exist
 * @passphrase: (nullable): encrypts the file (PBES2, AES-256)
 * @error: return location for a #GError
 *
 * Writes the secret key as PKCS#8 PEM that only its owner may read. Never replaces a file: a key
 * that was overwritten is lost for ever. The file appears whole or not at all. Blocking.
 *
 * Returns: whether it is on the disk
 */
gboolean
onward_key_save (OnwardKey *self, const char *path, const char *passphrase, GError **error)
{
  g_autoptr (GBytes) pem = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->secret == NULL)
    {
      g_set_error (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                   "Creating the key “%s”: the key is in a token, which does not give it away",
                   path);
      return FALSE;
    }
  pem = export_pem (self, passphrase, error);
  if (pem == NULL)
    return FALSE;
  return onward_secret_write (path, pem, error);
}

/**
 * onward_key_free:
 * @self: (transfer full) (nullable): a key
 */
void
onward_key_free (OnwardKey *self)
{
  if (self == NULL)
    return;
  if (self->signer != NULL)
    gnutls_privkey_deinit (self->signer);
  if (self->secret != NULL)
    gnutls_x509_privkey_deinit (self->secret);
  if (self->pin != NULL)
    gnutls_memset (self->pin, 0, strlen (self->pin));
  g_free (self->pin);
  g_clear_pointer (&self->object, json_object_unref);
  g_free (self->id);
  g_free (self);
}

/**
 * onward_key_get_id:
 * @self: a key
 *
 * Returns: the TUF key id, in hexadecimal
 */
const char *
onward_key_get_id (OnwardKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->id;
}

/**
 * onward_key_get_public:
 * @self: a key
 *
 * Returns: (transfer full): the TUF public key object
 */
JsonObject *
onward_key_get_public (OnwardKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return json_object_ref (self->object);
}

/**
 * onward_key_sign:
 * @self: a key
 * @message: what to sign
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the bytes of the signature, as the key's scheme in
 *   TUF wants them
 */
GBytes *
onward_key_sign (OnwardKey *self, GBytes *message, GError **error)
{
  gnutls_datum_t data, signature = { NULL, 0 };
  GBytes *bytes;
  gsize size;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (message != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  data.data = (unsigned char *) g_bytes_get_data (message, &size);
  g_return_val_if_fail (size <= G_MAXUINT, NULL);
  data.size = (unsigned int) size;
  if (!check (gnutls_privkey_sign_data2 (self->signer, self->kind->signature, 0, &data, &signature),
              "Signing", error))
    return NULL;
  bytes = g_bytes_new (signature.data, signature.size);
  gnutls_free (signature.data);
  return bytes;
}
