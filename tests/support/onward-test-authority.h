/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who vouches for a server, for whom, and when. */
typedef enum
{
  ONWARD_TEST_CERTIFICATE_GOOD,       /* the authority, for the loopback, now */
  ONWARD_TEST_CERTIFICATE_UNKNOWN_CA, /* nobody that anybody knows */
  ONWARD_TEST_CERTIFICATE_WRONG_HOST, /* the authority, for another host */
  ONWARD_TEST_CERTIFICATE_EXPIRED,    /* the authority, until yesterday */
  ONWARD_TEST_CERTIFICATE_NOT_YET,    /* the authority, from tomorrow on */
} OnwardTestCertificateKind;

/* An authority made for one test: the database of what it vouches for, and certificates. All
 * (transfer full). */
typedef struct _OnwardTestAuthority OnwardTestAuthority;

OnwardTestAuthority *onward_test_authority_new          (void);
void                 onward_test_authority_free         (OnwardTestAuthority *self);
GTlsDatabase        *onward_test_authority_dup_database (OnwardTestAuthority *self);
GTlsCertificate     *onward_test_authority_certify      (OnwardTestAuthority *self,
                                                         OnwardTestCertificateKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnwardTestAuthority, onward_test_authority_free)

G_END_DECLS
