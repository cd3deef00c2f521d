/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "onward-ring.h"
#include "onward-test.h"

#define CAPACITY 8

/* Puts the bytes that follow @inout_next in, as far as there is room side by side. */
static gsize
put (OnwardRing *ring, gsize wanted, guint8 *inout_next)
{
  gsize size = 0;
  guint8 *room = onward_ring_get_room (ring, wanted, &size);

  g_assert_cmpuint (size, <=, wanted);
  for (gsize i = 0; i < size; i++)
    room[i] = (*inout_next)++;
  onward_ring_put (ring, size);
  return size;
}

static void
assert_holds (OnwardRing *ring, guint8 first, gsize count)
{
  OnwardRingPart parts[2];
  gsize at = 0;

  onward_ring_get_parts (ring, parts);
  g_assert_cmpuint (onward_ring_get_fill (ring), ==, count);
  g_assert_cmpuint (parts[0].size + parts[1].size, ==, count);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (gsize j = 0; j < parts[i].size; j++)
      g_assert_cmpuint (parts[i].data[j], ==, (guint8) (first + at++));
}

/* What goes in comes out, in its order, however much is put in or taken out at a time. */
static void
test_ring_keeps_the_order (void)
{
  for (gsize wanted = 1; wanted <= CAPACITY + 1; wanted++)
    for (gsize most = 1; most <= CAPACITY; most++)
      {
        g_autoptr (OnwardRing) ring = onward_ring_new (CAPACITY);
        guint8 first = 0, next = 0;

        for (guint round = 0; round < 100; round++)
          {
            gsize fill = (guint8) (next - first);
            gsize taken = MIN (fill, most);

            (void) put (ring, wanted, &next);
            assert_holds (ring, first, (guint8) (next - first));
            onward_ring_take (ring, taken);
            first = (guint8) (first + taken);
            assert_holds (ring, first, (guint8) (next - first));
          }
        g_assert_cmpuint (first, >, 0);
      }
}

/* All of the room can be used, and no more. */
static void
test_ring_fills (void)
{
  g_autoptr (OnwardRing) ring = onward_ring_new (CAPACITY);
  guint8 next = 0;

  g_assert_cmpuint (put (ring, 6, &next), ==, 6);
  g_assert_cmpuint (put (ring, 6, &next), ==, 2);
  g_assert_cmpuint (put (ring, 6, &next), ==, 0);
  onward_ring_take (ring, 3);
  g_assert_cmpuint (put (ring, 6, &next), ==, 3);
  g_assert_cmpuint (put (ring, 6, &next), ==, 0);
  assert_holds (ring, 3, CAPACITY);
  onward_ring_take (ring, CAPACITY);
  assert_holds (ring, 11, 0);
  g_assert_cmpuint (put (ring, CAPACITY, &next), ==, CAPACITY);
}

/* What is in it stays where it is while more comes in: another thread may be at it. */
static void
test_ring_moves_nothing (void)
{
  g_autoptr (OnwardRing) ring = onward_ring_new (CAPACITY);
  guint8 next = 0;
  OnwardRingPart before[2], after[2];

  (void) put (ring, 5, &next);
  onward_ring_take (ring, 4);
  onward_ring_get_parts (ring, before);
  while (put (ring, 2, &next) > 0)
    ;
  onward_ring_get_parts (ring, after);
  g_assert_true (before[0].data == after[0].data);
  assert_holds (ring, 4, (gsize) next - 4);
}

/* As long as little is in it, the same bit of the room is used again and again. */
static void
test_ring_stays_small (void)
{
  g_autoptr (OnwardRing) ring = onward_ring_new (1000);
  const guint8 *begin = NULL;
  guint8 next = 0;
  gsize size = 0;

  begin = onward_ring_get_room (ring, 10, &size);
  for (guint i = 0; i < 1000; i++)
    {
      g_assert_cmpint (onward_ring_get_room (ring, 10, &size) - begin, <, 50);
      g_assert_cmpuint (put (ring, 10, &next), >, 0);
      /* The worker is always a little behind. */
      if (i > 0)
        onward_ring_take (ring, onward_ring_get_fill (ring) - 5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/keeps-the-order", test_ring_keeps_the_order);
  g_test_add_func ("/ring/fills", test_ring_fills);
  g_test_add_func ("/ring/moves-nothing", test_ring_moves_nothing);
  g_test_add_func ("/ring/stays-small", test_ring_stays_small);
  return g_test_run ();
}
