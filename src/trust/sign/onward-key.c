/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "onward-error.h"
#include "onward-file.h"
#include "onward-hex.h"
#include "onward-public-key.h"

#define MAX_FILE_SIZE   (64 * 1024)
#define ENCRYPTED_LABEL "-----BEGIN ENCRYPTED PRIVATE KEY-----"

struct _OnwardKey
{
  gnutls_x509_privkey_t secret; /* (owned) */
  gnutls_privkey_t signer;      /* (owned) */
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

static char *
dup_public_hex (OnwardKey *self, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  gnutls_datum_t x = { NULL, 0 };
  gnutls_ecc_curve_t curve;

  if (!check (gnutls_privkey_export_ecc_raw (self->signer, &curve, &x, NULL, NULL),
              "Reading the public key", error))
    return NULL;
  bytes = g_bytes_new (x.data, x.size);
  gnutls_free (x.data);
  return onward_hex_encode (bytes);
}

static JsonObject *
make_public_object (const char *public_hex)
{
  JsonObject *object = json_object_new ();
  JsonObject *keyval = json_object_new ();

  json_object_set_string_member (keyval, "public", public_hex);
  json_object_set_string_member (object, "keytype", "ed25519");
  json_object_set_object_member (object, "keyval", keyval);
  json_object_set_string_member (object, "scheme", "ed25519");
  return object;
}

/* Takes @secret over, also on failure. */
static OnwardKey *
onward_key_new_take (gnutls_x509_privkey_t secret, GError **error)
{
  g_autoptr (OnwardKey) self = g_new0 (OnwardKey, 1);
  g_autofree char *public_hex = NULL;

  self->secret = secret;
  if (gnutls_x509_privkey_get_pk_algorithm (secret) != GNUTLS_PK_EDDSA_ED25519)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_UNSUPPORTED_FORMAT,
                           "It is not an ed25519 key");
      return NULL;
    }

  if (!check (gnutls_privkey_init (&self->signer), "Preparing the key", error) ||
      !check (gnutls_privkey_import_x509 (self->signer, secret, 0), "Preparing the key", error))
    return NULL;

  public_hex = dup_public_hex (self, error);
  if (public_hex == NULL)
    return NULL;
  self->object = make_public_object (public_hex);
  self->id = onward_public_key_compute_id (self->object, error);
  if (self->id == NULL)
    return NULL;
  return g_steal_pointer (&self);
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
  gnutls_x509_privkey_t secret = NULL;
  int result;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check (gnutls_x509_privkey_init (&secret), "Generating a key", error))
    return NULL;
  result = gnutls_x509_privkey_generate2 (
      secret, GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519), 0, NULL, 0);
  if (!check (result, "Generating a key", error))
    {
      gnutls_x509_privkey_deinit (secret);
      return NULL;
    }
  return onward_key_new_take (secret, error);
}

static gboolean
is_encrypted (GBytes *pem)
{
  gsize size;
  const char *text = g_bytes_get_data (pem, &size);

  return text != NULL && g_strstr_len (text, (gssize) size, ENCRYPTED_LABEL) != NULL;
}

static gboolean
import_pem (gnutls_x509_privkey_t secret, GBytes *pem, const char *passphrase, GError **error)
{
  gboolean encrypted = is_encrypted (pem);
  gnutls_datum_t data;
  gsize size;
  int result;

  if (encrypted && passphrase == NULL)
    {
      g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                           "A passphrase is needed");
      return FALSE;
    }

  data.data = (unsigned char *) g_bytes_get_data (pem, &size);
  data.size = (unsigned int) size;
  result = gnutls_x509_privkey_import_pkcs8 (secret, &data, GNUTLS_X509_FMT_PEM,
                                             encrypted ? passphrase : NULL,
                                             encrypted ? 0 : GNUTLS_PKCS_PLAIN);
  if (result >= 0)
    return TRUE;
  if (encrypted)
    g_set_error_literal (error, ONWARD_ERROR, ONWARD_ERROR_NOT_PERMITTED,
                         "The passphrase does not fit, or the file is damaged");
  else
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
  if (!import_pem (secret, pem, passphrase, error))
    {
      gnutls_x509_privkey_deinit (secret);
      return NULL;
    }
  return onward_key_new_take (secret, error);
}

/**
 * onward_key_load:
 * @path: a PKCS#8 PEM file
 * @passphrase: (nullable): what it was encrypted with; ignored for a plain file
 * @error: return location for a #GError: NOT_PERMITTED when the passphrase is missing or wrong
 *
 * Reads a secret key. Blocking.
 *
 * Returns: (transfer full) (nullable): the key
 */
OnwardKey *
onward_key_load (const char *path, const char *passphrase, GError **error)
{
  g_autoptr (GBytes) pem = NULL;
  OnwardKey *self;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pem = onward_file_read (AT_FDCWD, path, MAX_FILE_SIZE, error);
  if (pem == NULL)
    return NULL;
  self = onward_key_import (pem, passphrase, error);
  if (self == NULL)
    g_prefix_error (error, "Loading the key “%s”: ", path);
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

static gboolean
write_new_file (const char *path, GBytes *contents, GError **error)
{
  g_auto (OnwardFd) fd = -1;
  gconstpointer data;
  gsize size;

  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      onward_file_set_error (error, errno, "Creating the key", path);
      return FALSE;
    }

  data = g_bytes_get_data (contents, &size);
  if (!onward_file_write_all (fd, data, size, error) || !onward_file_sync (fd, path, error))
    {
      (void) unlink (path);
      return FALSE;
    }
  return TRUE;
}

/**
 * onward_key_save:
 * @self: a key
 * @path: where to; must not exist
 * @passphrase: (nullable): encrypts the file (PBES2, AES-256)
 * @error: return location for a #GError
 *
 * Writes the secret key as PKCS#8 PEM that only its owner may read. Never replaces a file: a key
 * that was overwritten is lost for ever. Blocking.
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

  pem = export_pem (self, passphrase, error);
  if (pem == NULL)
    return FALSE;
  return write_new_file (path, pem, error);
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
 * Returns: (transfer full) (nullable): the 64 bytes of the signature
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
  if (!check (
          gnutls_privkey_sign_data2 (self->signer, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &signature),
          "Signing", error))
    return NULL;
  bytes = g_bytes_new (signature.data, signature.size);
  gnutls_free (signature.data);
  return bytes;
}
