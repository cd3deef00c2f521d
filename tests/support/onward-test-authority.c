/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <gnutls/x509.h>

#include "onward-test-authority.h"
#include "onward-test.h"

#define DAY (24 * 60 * 60)

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
} Identity;

struct _OnwardTestAuthority
{
  Identity known;
  Identity unknown;
  char *dir; /* (owned) */
};

static void
check (int result)
{
  g_assert_cmpint (result, >=, 0);
}

static void
identity_clear (Identity *self)
{
  gnutls_x509_crt_deinit (self->certificate);
  gnutls_x509_privkey_deinit (self->key);
}

static void
begin (Identity *self, const char *name, guint8 serial)
{
  check (gnutls_x509_privkey_init (&self->key));
  check (gnutls_x509_privkey_generate (self->key, GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  check (gnutls_x509_crt_init (&self->certificate));
  check (gnutls_x509_crt_set_version (self->certificate, 3));
  check (gnutls_x509_crt_set_serial (self->certificate, &serial, 1));
  check (gnutls_x509_crt_set_key (self->certificate, self->key));
  check (gnutls_x509_crt_set_dn_by_oid (self->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                        (unsigned) strlen (name)));
}

static void
set_times (Identity *self, int first_day, int last_day)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  check (gnutls_x509_crt_set_activation_time (self->certificate, now + first_day * DAY));
  check (gnutls_x509_crt_set_expiration_time (self->certificate, now + last_day * DAY));
}

static void
sign (Identity *self, Identity *by)
{
  check (gnutls_x509_crt_sign2 (self->certificate, by->certificate, by->key, GNUTLS_DIG_SHA256, 0));
}

static void
make_authority (Identity *self, const char *name)
{
  begin (self, name, 1);
  set_times (self, -100, 100);
  check (gnutls_x509_crt_set_ca_status (self->certificate, 1));
  check (gnutls_x509_crt_set_key_usage (self->certificate, GNUTLS_KEY_KEY_CERT_SIGN));
  sign (self, self);
}

static char *
print_certificate (Identity *self)
{
  gnutls_datum_t text = { NULL, 0 };
  char *copy;

  check (gnutls_x509_crt_export2 (self->certificate, GNUTLS_X509_FMT_PEM, &text));
  copy = g_strndup ((const char *) text.data, text.size);
  gnutls_free (text.data);
  return copy;
}

static char *
print_key (Identity *self)
{
  gnutls_datum_t text = { NULL, 0 };
  char *copy;

  check (gnutls_x509_privkey_export2 (self->key, GNUTLS_X509_FMT_PEM, &text));
  copy = g_strndup ((const char *) text.data, text.size);
  gnutls_free (text.data);
  return copy;
}

/**
 * onward_test_authority_new:
 *
 * Returns: (transfer full): an authority, with another one that nobody knows
 */
OnwardTestAuthority *
onward_test_authority_new (void)
{
  OnwardTestAuthority *self = g_new0 (OnwardTestAuthority, 1);
  g_autofree char *text = NULL;

  self->dir = onward_test_make_dir ();
  make_authority (&self->known, "A Known Authority");
  make_authority (&self->unknown, "An Unknown Authority");
  text = print_certificate (&self->known);
  onward_test_write (self->dir, "authority.pem", text);
  return self;
}

/**
 * onward_test_authority_free:
 * @self: (nullable): an authority
 */
void
onward_test_authority_free (OnwardTestAuthority *self)
{
  if (self == NULL)
    return;
  identity_clear (&self->known);
  identity_clear (&self->unknown);
  onward_test_remove_dir (self->dir);
  g_free (self);
}

/**
 * onward_test_authority_dup_database:
 *
 * Returns: (transfer full): what a client needs to believe it
 */
GTlsDatabase *
onward_test_authority_dup_database (OnwardTestAuthority *self)
{
  g_autofree char *path = g_build_filename (self->dir, "authority.pem", NULL);
  g_autoptr (GError) error = NULL;
  GTlsDatabase *database = g_tls_file_database_new (path, &error);

  g_assert_no_error (error);
  return database;
}

static void
name_host (Identity *self, gboolean is_loopback)
{
  static const guint8 loopback[] = { 127, 0, 0, 1 };
  const char *host = is_loopback ? "localhost" : "example.org";

  check (gnutls_x509_crt_set_subject_alt_name (self->certificate, GNUTLS_SAN_DNSNAME, host,
                                               (unsigned) strlen (host), GNUTLS_FSAN_SET));
  if (is_loopback)
    check (gnutls_x509_crt_set_subject_alt_name (self->certificate, GNUTLS_SAN_IPADDRESS, loopback,
                                                 sizeof loopback, GNUTLS_FSAN_APPEND));
}

/**
 * onward_test_authority_certify:
 * @kind: what is wrong with it
 *
 * Returns: (transfer full): a certificate, with its key
 */
GTlsCertificate *
onward_test_authority_certify (OnwardTestAuthority *self, OnwardTestCertificateKind kind)
{
  Identity server = { NULL, NULL };
  g_autofree char *certificate = NULL;
  g_autofree char *key = NULL;
  g_autofree char *both = NULL;
  g_autoptr (GError) error = NULL;
  GTlsCertificate *made;

  begin (&server, "A Server", (guint8) (kind + 2));
  name_host (&server, kind != ONWARD_TEST_CERTIFICATE_WRONG_HOST);
  if (kind == ONWARD_TEST_CERTIFICATE_EXPIRED)
    set_times (&server, -10, -1);
  else if (kind == ONWARD_TEST_CERTIFICATE_NOT_YET)
    set_times (&server, 1, 10);
  else
    set_times (&server, -10, 10);
  sign (&server, kind == ONWARD_TEST_CERTIFICATE_UNKNOWN_CA ? &self->unknown : &self->known);

  certificate = print_certificate (&server);
  key = print_key (&server);
  both = g_strconcat (certificate, key, NULL);
  identity_clear (&server);
  made = g_tls_certificate_new_from_pem (both, -1, &error);
  g_assert_no_error (error);
  return made;
}
