/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-error.h"
#include "onward-fault-matrix.h"

/* clang-format off */
#define RIGHT(requests)        { ONWARD_FAULT_RIGHT, requests }
#define OLDER(requests)        { ONWARD_FAULT_OLDER, requests }
#define FAILS(code, requests)  { ONWARD_ERROR_##code, requests }

/* root, timestamp, targets: one try each, and the next check makes another;
 * release document, pack: tried again until they are there */
#define TAKEN        { RIGHT (1), RIGHT (1), RIGHT (1), RIGHT (1), RIGHT (1) }
#define RESUMED      { RIGHT (1), RIGHT (1), RIGHT (1), RIGHT (2), RIGHT (2) }
#define LOST         { FAILS (SERVER, 1), FAILS (SERVER, 1), FAILS (SERVER, 1), RIGHT (2), RIGHT (2) }
#define BUSY_ONCE \
  { FAILS (SERVER_BUSY, 1), FAILS (SERVER_BUSY, 1), FAILS (SERVER_BUSY, 1), RIGHT (2), RIGHT (2) }
#define REST_LOST    { FAILS (SERVER, 1), FAILS (SERVER, 1), FAILS (SERVER, 1), RIGHT (3), RIGHT (3) }
#define FORBIDDEN    { FAILS (NOT_PERMITTED, 1), FAILS (NOT_PERMITTED, 1), \
                       FAILS (NOT_PERMITTED, 1), RIGHT (2), RIGHT (2) }
#define BROKEN       { FAILS (SERVER, 1), FAILS (SERVER, 1), FAILS (SERVER, 1), \
                       FAILS (SERVER, 4), FAILS (SERVER, 4) }
#define SIGN_IN      { FAILS (SIGN_IN, 1), FAILS (SIGN_IN, 1), FAILS (SIGN_IN, 1), \
                       FAILS (SIGN_IN, 4), FAILS (SIGN_IN, 4) }
#define SIGN_IN_ONCE { FAILS (SIGN_IN, 1), FAILS (SIGN_IN, 1), FAILS (SIGN_IN, 1), \
                       RIGHT (2), RIGHT (2) }
/* What has not the signed digest is asked for once more, past all caches. */
#define NOT_SIGNED   FAILS (MALFORMED, 1), FAILS (MALFORMED, 1), RIGHT (2)
#define NEVER_SIGNED FAILS (MALFORMED, 1), FAILS (MALFORMED, 1), FAILS (WRONG_HASH, 2)
#define TOO_LONG     FAILS (TOO_LARGE, 1), FAILS (TOO_LARGE, 1), FAILS (WRONG_LENGTH, 2)

#define OTHER_FILE   { RIGHT (1), RIGHT (1), RIGHT (1), RIGHT (3), RIGHT (3) }
#define MISSING_ONCE { OLDER (1), FAILS (NOT_FOUND, 1), FAILS (UPLOAD_UNDER_WAY, 1), \
                       RIGHT (2), RIGHT (2) }

#define FIRST  ONWARD_FAULT_FIRST
#define REST   ONWARD_FAULT_REST
#define ALWAYS ONWARD_FAULT_ALWAYS

static const OnwardFaultBehaviour behaviours[] = {
  {  1, "closes-before-the-end",        FIRST,  "cut 50%", LOST },
  {  2, "chunked-cut-after-a-chunk",    FIRST,  "chunked-cut", LOST },
  {  3, "chunked-cut-before-the-crlf",  FIRST,  "chunk-cut crlf", LOST },
  {  4, "chunked-cut-inside-a-chunk",   FIRST,  "chunk-cut inside", LOST },
  {  5, "no-length-closed-early",       FIRST,  "no-length; cut 50%", LOST },
  {  5, "http10-closed-early",          FIRST,  "http10; no-length; cut 50%", LOST },
  {  6, "reset-in-the-body",            FIRST,  "reset 50%", LOST },
  {  7, "closes-before-the-status",     FIRST,  "close", LOST },
  {  7, "closes-a-kept-connection",     FIRST,  "keep", TAKEN },
  {  8, "two-lengths",                  FIRST,  "header Content-Length: 100000; length 10", LOST },
  {  9, "length-and-chunked",           FIRST,  "chunked; header Content-Length: 10", TAKEN },
  { 10, "length-too-short",             FIRST,  "length 50%",
        { NOT_SIGNED, RIGHT (2), RIGHT (2) } },
  { 11, "length-negative",              FIRST,  "header Content-Length: -1; no-length", TAKEN },
  { 11, "length-overflows",             FIRST,
        "header Content-Length: 99999999999999999999; no-length", TAKEN },
  { 11, "length-of-an-endless-body",    FIRST,  "endless; length 9223372036854775807",
        { FAILS (TOO_LARGE, 1), FAILS (TOO_LARGE, 1), RIGHT (2), RIGHT (2), RIGHT (2) } },
  { 12, "whole-file-to-a-range",        REST,   "no-range", RESUMED, .again = 50 },
  { 13, "range-starts-elsewhere",       REST,   "status 206; content-range bytes 1-99/100", REST_LOST },
  { 14, "range-without-its-place",      REST,   "status 206; content-range none", REST_LOST },
  { 15, "range-of-another-total",       REST,   "status 206; content-range bytes 0-99/100", REST_LOST },
  { 15, "range-of-an-unknown-total",    REST,   "status 206; content-range bytes 0-99/*", REST_LOST },
  { 15, "range-overflows",              REST,
        "status 206; content-range bytes 0-18446744073709551616/100", REST_LOST },
  { 16, "range-of-many-parts",          REST,
        "status 206; content-range none; header Content-Type: multipart/byteranges",
        REST_LOST },
  { 17, "range-refused",                REST,   "status 416; content-range bytes */100", REST_LOST,
        .again = 50 },
  { 17, "range-refused-without-total",  REST,   "status 416; content-range none", REST_LOST,
        .again = 50 },
  { 18, "if-range-matches",             REST,   "ok", RESUMED },
  { 18, "if-range-does-not-match",      REST,   "etag \"two\"", OTHER_FILE, .again = 50 },
  { 19, "weak-tag-and-a-cut",           FIRST,  "etag W/\"one\"; cut 50%", LOST },
  { 19, "weak-tag-of-the-rest",         REST,   "etag W/\"one\"; no-if-range", OTHER_FILE, .again = 50 },
  { 20, "tag-changes-every-time",       ALWAYS, "etag random; cut 70%",
        { FAILS (SERVER, 1), FAILS (SERVER, 1), FAILS (SERVER, 1), RIGHT (0), RIGHT (0) },
        .again = 100 },
  { 21, "no-ranges",                    REST,   "no-range; header Accept-Ranges: none", RESUMED,
        .again = 50 },
  { 22, "shifted-by-one-byte",          FIRST,  "shift 1",
        { NOT_SIGNED, RIGHT (2), RIGHT (0) },
        .again = 100 },
  { 22, "rest-shifted-by-one-byte",     REST,   "shift 1",
        { NOT_SIGNED, RIGHT (3), RIGHT (0) },
        .again = 100 },
  { 22, "always-shifted-by-one-byte",   ALWAYS, "shift 1",
        { NEVER_SIGNED, FAILS (CORRUPT, 2), FAILS (CORRUPT, 0) } },
  { 23, "every-range-cut-in-half",      ALWAYS, "cut 51%",
        { FAILS (SERVER, 1), FAILS (SERVER, 1), FAILS (SERVER, 1), RIGHT (0), RIGHT (0) } },
  { 24, "gzip-that-nobody-asked-for",   FIRST,  "gzip right", LOST },
  { 25, "gzip-of-the-rest",             REST,   "gzip right", REST_LOST },
  { 26, "gzip-in-name-only",            FIRST,  "gzip raw", LOST },
  { 27, "gzip-cut",                     FIRST,  "gzip short", LOST },
  { 28, "gzip-with-a-bad-checksum",     FIRST,  "gzip checksum", LOST },
  { 29, "gzip-with-a-tail",             FIRST,  "gzip tail", LOST },
  { 29, "gzip-bomb",                    ALWAYS, "gzip bomb", BROKEN },
  { 30, "endless-chunks",               ALWAYS, "endless", { TOO_LONG, RIGHT (1), RIGHT (1) } },
  { 30, "endless-headers",              FIRST,  "endless-headers", LOST },
  { 31, "continue-for-ever",            FIRST,  "continue", LOST, .waits = TRUE },
  { 32, "header-a-byte-at-a-time",      FIRST,  "drip-headers", LOST, .waits = TRUE },
  { 33, "body-a-byte-at-a-time",        FIRST,  "drip", LOST, .waits = TRUE },
  { 34, "stalls-before-the-headers",    FIRST,  "stall-head", LOST, .waits = TRUE },
  { 34, "stalls-after-the-headers",     FIRST,  "stall 0", LOST, .waits = TRUE },
  { 34, "stalls-in-the-body",           FIRST,  "stall 50%", LOST, .waits = TRUE },
  { 35, "redirect-loop",                ALWAYS, "redirect ?again",
        { FAILS (SERVER, 6), FAILS (SERVER, 6), FAILS (SERVER, 6), FAILS (SERVER, 24),
          FAILS (SERVER, 24) } },
  { 36, "redirect-to-plain-http",       FIRST,  "redirect http://example.org/", FORBIDDEN },
  { 37, "redirect-to-another-host",     FIRST,  "elsewhere",
        { RIGHT (2), RIGHT (2), RIGHT (2), RIGHT (2), RIGHT (2) } },
  { 38, "redirect-to-a-file",           FIRST,  "redirect file:///etc/passwd", FORBIDDEN },
  { 38, "redirect-to-data",             FIRST,  "redirect data:,{}", FORBIDDEN },
  { 38, "redirect-to-nothing",          FIRST,  "status 302", FORBIDDEN },
  { 38, "redirect-to-an-empty-address", FIRST,  "status 302; header Location:", FORBIDDEN },
  { 38, "redirect-to-nonsense",         FIRST,  "redirect http://[", FORBIDDEN },
  { 39, "wants-a-password",             FIRST,
        "status 401; header WWW-Authenticate: Basic realm=\"x\"", LOST },
  { 39, "proxy-wants-a-password",       FIRST,
        "status 407; header Proxy-Authenticate: Basic realm=\"x\"", LOST },
  { 40, "forbidden",                    FIRST,  "status 403", MISSING_ONCE },
  { 40, "not-found",                    FIRST,  "status 404", MISSING_ONCE },
  { 40, "gone",                         ALWAYS, "status 410",
        { OLDER (1), FAILS (NOT_FOUND, 1), FAILS (UPLOAD_UNDER_WAY, 1), FAILS (NOT_FOUND, 3),
          FAILS (NOT_FOUND, 3) } },
  { 41, "too-many-requests",            FIRST,  "status 429; retry-after 5", BUSY_ONCE },
  { 41, "busy-until-a-date",            FIRST,
        "status 503; retry-after Sun, 06 Nov 1994 08:49:37 GMT", BUSY_ONCE },
  { 41, "busy-for-less-than-no-time",   FIRST,  "status 503; retry-after -5", LOST },
  { 42, "out-of-order",                 FIRST,  "status 500", LOST },
  { 42, "out-of-order-half-way",        REST,   "status 502", REST_LOST },
  { 42, "always-out-of-order",          ALWAYS, "status 503", BROKEN },
  { 43, "no-content-with-a-length",     FIRST,  "status 204; length 5", LOST },
  { 43, "not-modified",                 FIRST,  "status 304", LOST },
  { 43, "reset-content",                FIRST,  "status 205", LOST },
  { 44, "page-to-sign-in",              ALWAYS, "portal; etag none", SIGN_IN },
  { 44, "page-to-sign-in-in-chunks",    ALWAYS, "portal; etag none; chunked", SIGN_IN },
  { 44, "page-to-sign-in-half-way",     REST,   "portal; etag none; no-length",
        { FAILS (SIGN_IN, 1), FAILS (SIGN_IN, 1), FAILS (SIGN_IN, 1), RIGHT (3), RIGHT (3) } },
  { 44, "network-wants-a-sign-in",      FIRST,  "status 511; portal", SIGN_IN_ONCE },
  { 45, "eight-bit-headers",            ALWAYS, "header X-Odd: \xe9\xff", TAKEN },
  { 45, "eight-bit-tag",                ALWAYS, "etag \"\xe9\xff\"", TAKEN },
  { 45, "zero-byte-in-a-header",        FIRST,  "nul", LOST },
  { 46, "chunk-size-overflows",         FIRST,  "chunk-size ffffffffffffffffff", LOST },
  { 46, "chunk-size-negative",          FIRST,  "chunk-size -5", LOST },
  { 46, "chunk-size-nonsense",          FIRST,  "chunk-size zz", LOST },
  { 47, "junk",                         FIRST,  "junk", LOST },
  { 47, "encoding-of-the-transfer",     FIRST,
        "no-length; header Transfer-Encoding: gzip, chunked", LOST },
  { 47, "bad-status-line",              FIRST,  "first-line HTTP/1.1 twohundred", LOST },
  { 48, "server-that-is-not-there",     FIRST,  "redirect https://127.0.0.1:1/",
        { FAILS (OFFLINE, 1), FAILS (OFFLINE, 1), FAILS (OFFLINE, 1), RIGHT (2), RIGHT (2) } },
  { 48, "certificate-of-nobody",        FIRST,  "redirect {secure}",
        { FAILS (UNKNOWN_AUTHORITY, 1), FAILS (UNKNOWN_AUTHORITY, 1), FAILS (UNKNOWN_AUTHORITY, 1),
          RIGHT (2), RIGHT (2) } },
};
/* clang-format on */

/**
 * onward_fault_matrix_get:
 * @index: from 0
 *
 * Returns: (nullable): a line of the table
 */
const OnwardFaultBehaviour *
onward_fault_matrix_get (guint index)
{
  return index < G_N_ELEMENTS (behaviours) ? &behaviours[index] : NULL;
}
