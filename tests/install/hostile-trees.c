/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hostile-trees.h"

#include <string.h>

#include "onward-pack-head.h"

#define ZERO '\x1a'

/* Text, ten and a hundred times. */
#define X10(text)  text text text text text text text text text text
#define X100(text) X10 (X10 (text))
#define GIB        (G_GUINT64_CONSTANT (1) << 30)

#define CLIMBS    "ends with a dot or a space"
#define EMPTY     "a component is empty"
#define CONTROL   "control character"
#define ENCODING  "normal form"
#define COMPOSED  "Unicode normal form C"
#define ALIKE     "differ in nothing but case"
#define ORPHAN    "its folder is not listed as a folder"
#define DISORDER  "the entries are not sorted"
#define OUT       "it leads out of the application"
#define ABSOLUTE  "it is absolute"
#define NOWHERE   "does not lead to a listed entry"
#define FILE_MODE "a file's mode must be"
#define MODE      "folders have mode 0755 and links 0777"
#define NO_KIND   "there is no such kind of entry"
#define NO_PLACE  "only files have a size and a place"
#define TOO_LARGE "too large"
#define COMPONENT "component"

/* clang-format off */
static const HostileTree trees[] = {
  /* Trees like any other: what is refused below is refused for what it says. */
  { "files, folders and links", NULL, "d bin|f bin/app|d lib|f lib/a|l lib/b -> ../bin/app|l lib/c -> b" },
  { "names that need no taming", NULL, "f -rf|f ..a|f C:|d a b|f a b/~|f con|f nul.txt|f été|f 文件" },
  { "a link up to the folder beside", NULL, "d a|l a/up -> ../b|d b|f b/c" },
  { "a program", NULL, "f app", TREE_SAYS_MODE, 0755 },
  { "the longest name", NULL, "d a|f " X100 ("ab") },

  /* Names that lead elsewhere. */
  { "up", CLIMBS, "f .." },
  { "a file above", CLIMBS, "f ../above" },
  { "a file beside", CLIMBS, "f ../../../beside/file" },
  { "far above", CLIMBS, "f " X10 ("../") "etc/passwd" },
  { "into a folder and out of it", CLIMBS, "d a|f a/../../above" },
  { "around to where it was", CLIMBS, "d sub|d sub/a|f sub/../sub/a/b" },
  { "up at the end", CLIMBS, "d a|f a/.." },
  { "a folder above", CLIMBS, "d ../above" },
  { "a link above", CLIMBS, "f a|l ../above -> a" },
  { "the folder itself", CLIMBS, "d ." },
  { "the folder itself at the end", CLIMBS, "d a|f a/." },
  { "the folder itself in between", CLIMBS, "d a|f a/./b" },
  { "three dots", CLIMBS, "f ..." },
  { "absolute", EMPTY, "f /etc/passwd" },
  { "absolute by two slashes", EMPTY, "f //etc/passwd" },
  { "the root", EMPTY, "d /" },
  { "a slash at the end", EMPTY, "d a|f a/" },
  { "two slashes", EMPTY, "d a|f a//b" },
  { "no name", "it is empty", "f " },
  { "a folder of no name", "it is empty", "d " },

  /* Names that deceive, or that a file system takes for others. */
  { "a dot at the end", CLIMBS, "f app." },
  { "a space at the end", CLIMBS, "f app " },
  { "a folder with a dot at the end", CLIMBS, "d a.|f a./b" },
  { "a new line", CONTROL, "f a\nb" },
  { "a tab", CONTROL, "f a\tb" },
  { "an escape sequence", CONTROL, "f \x1b[2Jred" },
  { "a bell", CONTROL, "f \a" },
  { "delete", CONTROL, "f a\x7f" },
  { "an escape sequence of one byte", CONTROL, "f a\xc2\x9b" "31m" },
  { "the next line of Unicode", CONTROL, "f a\xc2\x85" "b" },
  { "a line separator", CONTROL, "f a\xe2\x80\xa8" "b" },
  { "from right to left", CONTROL, "f a\xe2\x80\xaetxt.exe" },
  { "an isolated direction", CONTROL, "f a\xe2\x81\xa7" "b" },
  { "a mark of direction", CONTROL, "f \xe2\x80\x8f" "a" },
  { "a mark of byte order", CONTROL, "f \xef\xbb\xbf" "a" },
  { "a zero inside", ENCODING, "f app\x1a.txt" },
  { "a zero at the end", ENCODING, "f app\x1a" },
  { "nothing but a zero", ENCODING, "f \x1a" },
  { "a byte that is no character", ENCODING, "f a\xff" },
  { "Latin 1", ENCODING, "f caf\xe9" },
  { "a slash in two bytes", ENCODING, "f ..\xc0\xaf" "above" },
  { "a slash in three bytes", ENCODING, "f ..\xe0\x80\xaf" "above" },
  { "half a surrogate", ENCODING, "f \xed\xa0\x80" },
  { "beyond Unicode", ENCODING, "f \xf4\x90\x80\x80" },
  { "half a character", ENCODING, "f a\xc3" },
  { "an accent by itself", COMPOSED, "f e\xcc\x81" },
  { "a unit for a letter", COMPOSED, "f \xe2\x84\xab" },
  { "a syllable in letters", COMPOSED, "f \xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab" },
  { "a degree for a letter", COMPOSED, "f \xe2\x84\xaa" },

  /* Two names for one file. */
  { "other case", ALIKE, "f README|f readme" },
  { "other case of a letter with an accent", ALIKE, "f É|f é" },
  { "one letter in capitals, two", ALIKE, "f STRASSE|f Straße" },
  { "a ligature", ALIKE, "f FI|f ﬁ" },
  { "the letter at the end of words", ALIKE, "f ς|f σ" },
  { "the long letter", ALIKE, "f s|f ſ" },
  { "folders of other case", ALIKE, "d Lib|f Lib/a|d lib|f lib/b" },
  { "a folder, and a link of other case to write through", ALIKE, "d A|f A/f|l a -> b|d b" },
  { "a file, and a folder of other case", ALIKE, "f A|d a" },
  { "a git folder of other case", ALIKE, "d .GIT|f .GIT/config|d .git|f .git/config" },

  /* One name twice, and names in disorder. */
  { "a file twice", DISORDER, "f a|f a" },
  { "a file and a folder", DISORDER, "f a|d a" },
  { "a link and a file", DISORDER, "f b|l a -> b|f a" },
  { "a link, and a folder to write into", DISORDER, "d b|l c -> b|d c|f c/f" },
  { "a file before its folder", DISORDER, "f a/b|d a" },
  { "backwards", DISORDER, "f b|f a" },
  { "twice, far apart", DISORDER, "f a|f b|f a" },

  /* Folders that are none. */
  { "a folder that is not listed", ORPHAN, "f a/b" },
  { "a folder in between that is not listed", ORPHAN, "d a|f a/b/c" },
  { "a folder of almost the name", ORPHAN, "d a-b|f a-b/c|f a/x" },
  { "below a file", ORPHAN, "f a|f a/b" },
  { "below a link", ORPHAN, "l a -> d|f a/b|d d" },
  { "a folder below a link", ORPHAN, "l a -> d|d a/b|d d" },
  { "through two links", ORPHAN, "l a -> b|f a/x|l b -> d|d d" },

  /* Links. */
  { "a link to the passwords", ABSOLUTE, "l a -> /etc/passwd" },
  { "a link to the root", ABSOLUTE, "l a -> /" },
  { "a link to what is open", ABSOLUTE, "l a -> /proc/self/fd/0" },
  { "a link up", OUT, "l a -> .." },
  { "a link to what is above", OUT, "l a -> ../above" },
  { "a link to what is beside", OUT, "l a -> ../../../beside/file" },
  { "a link out of a folder", OUT, "d a|l a/b -> ../../x" },
  { "a link in, and out", OUT, "d d|l l -> d/../.." },
  { "a link out, and a file through it", OUT, "l out -> ../../../beside|f out/file" },
  { "a link out, and a folder through it", OUT, "l out -> ../../..|d out/beside|f out/beside/new" },
  { "a link out by way of a link", NOWHERE, "d a|d a/b|l a/b/d -> ../../x|l a/b/l -> d/../../y|f a/y|d x|f y" },
  { "a link out by way of two", NOWHERE, "d a|l a/up -> ..|l b -> a/up/../above" },
  { "a link to the folder itself", EMPTY, "l a -> ./" },
  { "a link to where it all begins", NOWHERE, "l a -> ." },
  { "a link from below to where it all begins", NOWHERE, "d a|l a/b -> .." },
  { "a link to itself", NOWHERE, "l a -> a" },
  { "two links to one another", NOWHERE, "l a -> b|l b -> a" },
  { "a circle of three", NOWHERE, "l a -> b|l b -> c|l c -> a" },
  { "a spiral", NOWHERE, "d d|l d/l -> ../d/l/x" },
  { "five links in a row", NOWHERE, "f f|l l1 -> f|l l2 -> l1|l l3 -> l2|l l4 -> l3|l l5 -> l4" },
  { "a link to nothing", NOWHERE, "l a -> nothing" },
  { "a link to nothing in a folder", NOWHERE, "d d|l l -> d/nothing" },
  { "a link to other case", NOWHERE, "f F|l l -> f" },
  { "a link over a file", NOWHERE, "f f|l l -> f/../f" },
  { "a link to a home folder", NOWHERE, "l l -> ~/f" },
  { "a link to no name", "it is empty", "l a -> " },
  { "a link to a slash at the end", EMPTY, "d d|l l -> d/" },
  { "a link to an escape sequence", CONTROL, "l a -> \x1b[2J" },
  { "a link from right to left", CONTROL, "l a -> \xe2\x80\xae" },
  { "a link to bytes that are no characters", "it is not UTF-8", "l a -> \xff\xfe" },
  { "a link to an accent by itself", COMPOSED, "l a -> e\xcc\x81" },
  { "a link to a name behind a zero", "does not end once", "f b|l l -> b\x1a/../../above" },
  { "a link without an end", "does not end once", "f bb|l l -> bb", TREE_SAYS_CONTENT, 2 },
  { "a link to no bytes at all", "does not end once", "f b|l l -> b", TREE_SAYS_CONTENT, 0 },

  /* Modes. */
  { "set-user-id", FILE_MODE, "f sudo", TREE_SAYS_MODE, 04755 },
  { "set-group-id", FILE_MODE, "f sudo", TREE_SAYS_MODE, 02755 },
  { "set-user-id and set-group-id", FILE_MODE, "f sudo", TREE_SAYS_MODE, 06755 },
  { "sticky", FILE_MODE, "f app", TREE_SAYS_MODE, 01755 },
  { "writable by all", FILE_MODE, "f app", TREE_SAYS_MODE, 0666 },
  { "a program writable by all", FILE_MODE, "f app", TREE_SAYS_MODE, 0777 },
  { "writable by the group", FILE_MODE, "f app", TREE_SAYS_MODE, 0664 },
  { "for nobody", FILE_MODE, "f app", TREE_SAYS_MODE, 0 },
  { "with the kind in the mode", FILE_MODE, "f app", TREE_SAYS_MODE, 0100644 },
  { "a link by its mode", FILE_MODE, "f app", TREE_SAYS_MODE, 0120777 },
  { "a folder writable by all", MODE, "d tmp", TREE_SAYS_MODE, 0777 },
  { "a folder like the one for temporary files", MODE, "d tmp", TREE_SAYS_MODE, 01777 },
  { "a folder that hands its group on", MODE, "d tmp", TREE_SAYS_MODE, 02755 },
  { "a folder without entry", MODE, "d a", TREE_SAYS_MODE, 0 },
  { "a link with a mode", MODE, "f b|l l -> b", TREE_SAYS_MODE, 0755 },

  /* Kinds. */
  { "a device", NO_KIND, "f null", TREE_SAYS_KIND, 3 },
  { "a block device", NO_KIND, "f sda", TREE_SAYS_KIND, 4 },
  { "a pipe", NO_KIND, "f pipe", TREE_SAYS_KIND, 5 },
  { "the last kind that a byte can name", NO_KIND, "f a", TREE_SAYS_KIND, 255 },
  { "a file that says it is a link", "does not end once", "f a", TREE_SAYS_KIND, 2 },
  { "a file that says it is a folder", "a folder has a content", "f a", TREE_SAYS_KIND, 0 },
  { "a folder that says it is a file", "has not 32 bytes", "d a", TREE_SAYS_KIND, 1 },

  /* Sizes and places. */
  { "a digest of 31 bytes", "has not 32 bytes", "f a", TREE_SAYS_CONTENT, 31 },
  { "a digest of 33 bytes", "has not 32 bytes", "f a", TREE_SAYS_CONTENT, 33 },
  { "no digest", "has not 32 bytes", "f a", TREE_SAYS_CONTENT, 0 },
  { "a file of more than 64 GiB", TOO_LARGE, "f a", TREE_SAYS_SIZE, 64 * GIB + 1 },
  { "a file of 2^63 bytes", TOO_LARGE, "f a", TREE_SAYS_SIZE, G_GUINT64_CONSTANT (1) << 63 },
  { "a file of 2^64 - 1 bytes", TOO_LARGE, "f a", TREE_SAYS_SIZE, G_MAXUINT64 },
  { "together more than 64 GiB", TOO_LARGE, "f a|f b", TREE_SAYS_SIZE, 64 * GIB },
  { "a byte more than its frame has", "outside its frame", "f a", TREE_SAYS_SIZE, 2 },
  { "64 GiB in a frame of a byte", "outside its frame", "f a", TREE_SAYS_SIZE, 64 * GIB },
  { "behind the end of its frame", "outside its frame", "f a", TREE_SAYS_OFFSET, 1 },
  { "far behind the end of its frame", "outside its frame", "f a", TREE_SAYS_OFFSET, 64 * GIB },
  { "a place that wraps around", TOO_LARGE, "f a", TREE_SAYS_OFFSET, G_MAXUINT64 },
  { "in a frame that is not there", "in no frame", "f a", TREE_SAYS_FRAME, 1 },
  { "in the last frame there can be", "in no frame", "f a", TREE_SAYS_FRAME, G_MAXUINT32 },
  { "a folder with a size", NO_PLACE, "d a", TREE_SAYS_SIZE, 1 },
  { "a folder with a place", NO_PLACE, "d a", TREE_SAYS_OFFSET, 1 },
  { "a link with a size", NO_PLACE, "f b|l l -> b", TREE_SAYS_SIZE, 1 },
  { "a link in a frame", NO_PLACE, "f b|l l -> b", TREE_SAYS_FRAME, 1 },

  /* Too much of everything. */
  { "a name of 201 bytes", "a component is too long", "f " X100 ("ab") "c" },
  { "a name of 1000 bytes", "a component is too long", "f " X100 ("0123456789") },
  { "a path of more than 2048 bytes", "it is too long", "f " X10 (X10 ("0123456789") X10 ("0123456789") "/") "tail" X100 ("/") },
  { "a path of 33 names", "too many components", "f " X10 ("d/d/d/") "d/d/f" },
  { "a path of a thousand names", "too many components", "f " X100 ("d/d/d/d/d/") "f" },
  { "more than 200,000 files", "There are more than", "f a", TREE_SAYS_MANY, 200001 },
  { "more than 200,000 folders", "There are more than", "d a", TREE_SAYS_MANY, 200001 },

  /* Components. */
  { "a component with a path", COMPONENT, "f a @../b" },
  { "a component with a slash", COMPONENT, "f a @b/c" },
  { "a component of dots", COMPONENT, "f a @.." },
  { "a component like an option", COMPONENT, "f a @-x" },
  { "a component with a new line", COMPONENT, "f a @x\ny" },
  { "a component beyond ASCII", COMPONENT, "f a @é" },
  { "a component of 65 letters", COMPONENT, "f a @" X10 ("abcdef") "abcde" },
  { "a component with a zero", ENCODING, "f a @b\x1a" },
  { "a file of the application in a component's folder", "another component", "d d @docs|f d/f" },

  /* Bytes. */
  { "bytes that begin elsewhere", ENCODING, "f a|f b", TREE_SAYS_SHIFTED, 1 },
  { "a byte less", ENCODING, "f a|f b", TREE_SAYS_SHORTER, 1 },
  { "half of the bytes", ENCODING, "f a|f b", TREE_SAYS_SHORTER, 90 },
};
/* clang-format on */

const HostileTree *
hostile_trees_get (guint *ret_n_trees)
{
  *ret_n_trees = G_N_ELEMENTS (trees);
  return trees;
}

/* Also what is not UTF-8, and with zeros inside. */
static GBytes *
make_bytes (const char *text)
{
  gsize size = strlen (text) + 1;
  char *bytes = g_memdup2 (text, size);

  for (gsize i = 0; i < size; i++)
    if (bytes[i] == ZERO)
      bytes[i] = '\0';
  return g_bytes_new_take (bytes, size);
}

static GVariant *
make_string (const char *text)
{
  g_autoptr (GBytes) bytes = make_bytes (text);

  return g_variant_new_from_bytes (G_VARIANT_TYPE_STRING, bytes, TRUE);
}

static GVariant *
make_content (guint8 kind, const char *target, guint64 length)
{
  guint8 content[64] = { 0 };
  OnwardDigest digest;
  g_autoptr (GBytes) bytes = NULL;

  if (kind == ONWARD_ENTRY_SYMLINK)
    {
      bytes = make_bytes (target);
      length = MIN (length, g_bytes_get_size (bytes));
      return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, g_bytes_get_data (bytes, NULL), length,
                                        1);
    }

  onward_digest_of_data ("x", 1, &digest);
  memcpy (content, digest.bytes, sizeof digest.bytes);
  if (length > sizeof content)
    length = kind == ONWARD_ENTRY_FILE ? sizeof digest.bytes : 0;
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, content, length, 1);
}

static guint64
say (HostileTreeField what, HostileTreeField field, guint64 value, guint64 otherwise)
{
  return what == field ? value : otherwise;
}

/* @line: see HostileTree; @field: what it says other than the line. */
static GVariant *
make_entry (const char *line, HostileTreeField field, guint64 value)
{
  static const guint16 modes[] = { 0755, 0644, 0777 };
  g_auto (GStrv) component = g_strsplit (line + 2, " @", 2);
  g_auto (GStrv) link = g_strsplit (component[0] != NULL ? component[0] : "", " -> ", 2);
  guint8 kind = line[0] == 'd' ? 0 : line[0] == 'f' ? 1 : 2;
  gboolean is_file = kind == ONWARD_ENTRY_FILE;
  const char *path = link[0] != NULL ? link[0] : "";
  const char *target = kind == ONWARD_ENTRY_SYMLINK ? link[1] : NULL;
  gboolean is_of_component = component[0] != NULL && component[1] != NULL;

  return g_variant_new (
      "(@syqt@ay@sut)", make_string (path), (guint8) say (TREE_SAYS_KIND, field, value, kind),
      (guint16) say (TREE_SAYS_MODE, field, value, modes[kind]),
      say (TREE_SAYS_SIZE, field, value, is_file ? 1 : 0),
      make_content (kind, target, say (TREE_SAYS_CONTENT, field, value, G_MAXUINT64)),
      make_string (is_of_component ? component[1] : ""),
      (guint32) say (TREE_SAYS_FRAME, field, value, 0), say (TREE_SAYS_OFFSET, field, value, 0));
}

static void
add_many (GVariantBuilder *builder, const char *line, guint64 n_times)
{
  for (guint i = 0; i < n_times; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%07u", line, i);

      g_variant_builder_add_value (builder, make_entry (name, TREE_SAYS_NOTHING, 0));
    }
}

static GBytes *
serialize (const HostileTree *tree)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(syqtaysut)"));
  g_auto (GStrv) lines = g_strsplit (tree->entries, "|", -1);
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint n_lines = g_strv_length (lines);
  gsize cut = say (TREE_SAYS_SHORTER, tree->field, tree->value, 0);
  gsize shift = say (TREE_SAYS_SHIFTED, tree->field, tree->value, 0);

  for (guint i = 0; i < n_lines; i++)
    {
      gboolean is_last = i + 1 == n_lines;

      if (is_last && tree->field == TREE_SAYS_MANY)
        add_many (&builder, lines[i], tree->value);
      else
        g_variant_builder_add_value (
            &builder,
            make_entry (lines[i], is_last ? tree->field : TREE_SAYS_NOTHING, tree->value));
    }

  variant = g_variant_ref_sink (g_variant_builder_end (&builder));
  bytes = g_variant_get_data_as_bytes (variant);
  return g_bytes_new_from_bytes (bytes, shift, g_bytes_get_size (bytes) - shift - cut);
}

/* Without compression, which takes long where there is too much of everything. */
static GByteArray *
wrap (GVariant *variant)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (variant);
  guint32 size = (guint32) g_variant_get_size (owned);
  const guint32 numbers[] = { GUINT32_TO_LE (1), GUINT32_TO_LE (ONWARD_FRAME_STORED),
                              GUINT32_TO_LE (size), GUINT32_TO_LE (size) };
  GByteArray *head = g_byte_array_new ();

  g_byte_array_append (head, (const guint8 *) "OnwPack", 8);
  g_byte_array_append (head, (const guint8 *) numbers, sizeof numbers);
  g_byte_array_append (head, g_variant_get_data (owned), size);
  return head;
}

/* All files have the same content: a frame of one byte. */
void
hostile_trees_make_pack (const HostileTree *tree, HostilePack *ret_pack)
{
  GVariantBuilder frames = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(yttayt)"));
  g_autoptr (GBytes) bytes = serialize (tree);
  GVariant *nothing = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1);
  GByteArray *pack;

  g_variant_builder_add (&frames, "(ytt@ayt)", (guint8) ONWARD_FRAME_STORED, (guint64) 1,
                         (guint64) 1, nothing, (guint64) 0);
  pack = wrap (g_variant_new ("(y@ay@a(yttayt)@a(ayut))", (guint8) ONWARD_PACK_FULL,
                              g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE),
                              g_variant_builder_end (&frames),
                              g_variant_new_array (G_VARIANT_TYPE ("(ayut)"), NULL, 0)));
  *ret_pack = (HostilePack){ .head_size = pack->len, .size = pack->len + 1, .limit = 64 * 1024 };
  g_byte_array_append (pack, (const guint8 *) "x", 1);
  ret_pack->bytes = g_byte_array_free_to_bytes (pack);
}
