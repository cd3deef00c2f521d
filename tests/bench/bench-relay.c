/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <gio/gio.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A bad line between a client and a server on the loopback: everything comes later, no connection
 * is faster than so much, a lost packet holds up what follows it, and connections break. Counts
 * what crosses it. Runs until its standard input ends, then says what it counted. */

#define PIECE_SIZE   (64 * 1024)
#define QUEUE_SIZE   (1024 * 1024)
#define RANDOM_REACH (16 * 1024 * 1024)
#define CUT_TIME     (G_USEC_PER_SEC / 2)

/* Bytes on their way. */
typedef struct
{
  gint64 due;
  gsize size;
  gsize sent;
  guint8 data[];
} Piece;

/* One direction of a connection. */
typedef struct
{
  int from;
  int to;
  GQueue pieces; /* of Piece (owned) */
  gsize queued;
  gint64 free_at; /* when the line has sent all that was put on it */
  gint64 last_due;
  gboolean is_ended; /* nothing more comes */
  gboolean is_shut;  /* all of it was passed on */
} Lane;

typedef struct
{
  Lane up;
  Lane down;
  gint64 opened;
  guint64 cut_at; /* bytes towards the client, or G_MAXUINT64 */
  guint64 sent;
  gint64 cut_by; /* when it is cut at the latest, or 0 */
  gboolean is_dead;
} Link;

typedef struct
{
  int delay; /* milliseconds, each way */
  gint64 rate;
  gboolean is_shared; /* the rate is that of all connections together */
  gint64 cut_every;
  double cut_percent;
  double loss_percent;
  int seed;
} Line;

typedef struct
{
  Line line;
  GRand *random; /* (owned) */
  int listener;
  guint upstream;
  GPtrArray *links; /* of Link (owned) */
  GArray *polled;   /* of struct pollfd (owned) */
  gint64 free_at;   /* when all that share the line have had their turn */
  guint connections;
  guint cuts;
  guint64 bytes_up;
  guint64 bytes_down;
} Relay;

static void
link_free (gpointer data)
{
  Link *self = data;

  close (self->down.to);
  close (self->down.from);
  g_queue_clear_full (&self->up.pieces, g_free);
  g_queue_clear_full (&self->down.pieces, g_free);
  g_free (self);
}

static int
make_socket (guint port, gboolean is_listener)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                 .sin_port = htons ((guint16) port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (is_listener ? bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
                        listen (fd, SOMAXCONN) == 0
                  : connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

static guint64
choose_cut (Relay *self)
{
  guint64 cut_at = self->line.cut_every > 0 ? (guint64) self->line.cut_every : G_MAXUINT64;

  if (g_rand_double (self->random) * 100 < self->line.cut_percent)
    cut_at = MIN (cut_at, (guint64) g_rand_int_range (self->random, 1, RANDOM_REACH));
  return cut_at;
}

static void
accept_link (Relay *self)
{
  int client = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  int server = client < 0 ? -1 : make_socket (self->upstream, FALSE);
  Link *link = NULL;
  int one = 1;

  if (server < 0)
    {
      if (client >= 0)
        close (client);
      return;
    }
  setsockopt (client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ioctl (server, FIONBIO, &one);
  link = g_new0 (Link, 1);
  link->up.from = link->down.to = client;
  link->up.to = link->down.from = server;
  link->opened = g_get_monotonic_time ();
  /* On a real line the handshake takes one more round trip before the request can leave. */
  link->up.last_due = link->opened + (gint64) self->line.delay * 3 * 1000;
  link->cut_at = choose_cut (self);
  self->connections++;
  g_ptr_array_add (self->links, link);
}

/* How much may be on its way at once: what the line holds, and some for the reader to be late. */
static gsize
get_window (const Relay *self)
{
  gint64 held = self->line.rate * (self->line.delay + 50) / 1000;

  return self->line.rate == 0 ? QUEUE_SIZE + PIECE_SIZE * (gsize) self->line.delay
                              : (gsize) MAX (held, PIECE_SIZE);
}

static void
schedule (Relay *self, Lane *lane, Piece *piece, gboolean is_down)
{
  gint64 delay = (gint64) self->line.delay * 1000;
  gint64 *free_at = is_down && self->line.is_shared ? &self->free_at : &lane->free_at;

  *free_at = MAX (*free_at, g_get_monotonic_time ());
  if (is_down && self->line.rate > 0)
    *free_at += (gint64) piece->size * G_USEC_PER_SEC / self->line.rate;
  piece->due = *free_at + delay;
  /* What was lost is sent again a round trip later, and all that follows waits for it. */
  if (g_rand_double (self->random) * 100 < self->line.loss_percent)
    piece->due += 2 * delay;
  piece->due = lane->last_due = MAX (piece->due, lane->last_due);
}

static void
take (Relay *self, Link *link, Lane *lane)
{
  gsize most = self->line.rate > 0 ? PIECE_SIZE / 4 : PIECE_SIZE;
  Piece *piece = g_malloc (sizeof (Piece) + most);
  gssize got = recv (lane->from, piece->data, most, 0);

  if (got > 0)
    {
      piece->size = (gsize) got;
      piece->sent = 0;
      lane->queued += piece->size;
      schedule (self, lane, piece, lane == &link->down);
      g_queue_push_tail (&lane->pieces, piece);
      return;
    }
  if (got == 0)
    lane->is_ended = TRUE;
  else if (errno != EAGAIN && errno != EINTR)
    link->is_dead = TRUE;
  g_free (piece);
}

/* Breaks the connection when what was given has arrived, so that all that was counted can be used.
 * A client that takes nothing any more is not waited for. */
static void
finish_cut (Relay *self, Link *link)
{
  struct linger now = { .l_onoff = 1, .l_linger = 0 };
  int pending = 0;

  ioctl (link->down.to, SIOCOUTQ, &pending);
  if (pending > 0 && g_get_monotonic_time () < link->cut_by)
    return;
  setsockopt (link->down.to, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  self->bytes_down -= (guint64) pending;
  self->cuts++;
  link->is_dead = TRUE;
}

static void
count (Relay *self, Link *link, const Lane *lane, gsize size)
{
  if (lane == &link->up)
    {
      self->bytes_up += size;
      return;
    }
  self->bytes_down += size;
  link->sent += size;
  if (link->sent >= link->cut_at)
    link->cut_by = g_get_monotonic_time () + CUT_TIME;
}

/* Returns whether there may be more to give. */
static gboolean
give_piece (Relay *self, Link *link, Lane *lane, Piece *piece)
{
  gsize size = piece->size - piece->sent;
  gssize put = 0;

  if (lane == &link->down)
    size = (gsize) MIN (size, link->cut_at - link->sent);
  put = send (lane->to, piece->data + piece->sent, size, MSG_NOSIGNAL);
  if (put < 0)
    {
      link->is_dead = errno != EAGAIN && errno != EINTR;
      return FALSE;
    }
  piece->sent += (gsize) put;
  lane->queued -= (gsize) put;
  count (self, link, lane, (gsize) put);
  if (piece->sent < piece->size)
    return FALSE;
  g_free (g_queue_pop_head (&lane->pieces));
  return TRUE;
}

static void
give (Relay *self, Link *link, Lane *lane)
{
  Piece *piece = g_queue_peek_head (&lane->pieces);
  gint64 now = g_get_monotonic_time ();

  while (piece != NULL && piece->due <= now && !link->is_dead && link->cut_by == 0 &&
         give_piece (self, link, lane, piece))
    piece = g_queue_peek_head (&lane->pieces);
  if (lane->is_ended && !lane->is_shut && link->cut_by == 0 && g_queue_is_empty (&lane->pieces))
    {
      shutdown (lane->to, SHUT_WR);
      lane->is_shut = TRUE;
    }
}

/* What to wait for on both sides of @lane; returns when it next has something to give. */
static gint64
watch (const Relay *self, const Lane *lane, gint64 now, short *inout_from, short *inout_to)
{
  const Piece *piece = g_queue_peek_head ((GQueue *) &lane->pieces);

  if (!lane->is_ended && lane->queued < get_window (self))
    *inout_from |= POLLIN;
  if (piece == NULL)
    return G_MAXINT64;
  if (piece->due > now)
    return piece->due;
  *inout_to |= POLLOUT;
  return G_MAXINT64;
}

static void
add_polled (Relay *self, int fd, short events)
{
  /* Nothing to wait for: not even that the other side has gone, which would wake for ever. */
  struct pollfd polled = { .fd = events == 0 ? -1 : fd, .events = events };

  g_array_append_val (self->polled, polled);
}

static void
wait_for_news (Relay *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 next = G_MAXINT64;
  struct timespec timeout = { 0 };

  g_array_set_size (self->polled, 0);
  add_polled (self, STDIN_FILENO, POLLIN);
  add_polled (self, self->listener, POLLIN);
  for (guint i = 0; i < self->links->len; i++)
    {
      const Link *link = g_ptr_array_index (self->links, i);
      short client = 0, server = 0;

      if (link->cut_by == 0)
        {
          next = MIN (next, watch (self, &link->up, now, &client, &server));
          next = MIN (next, watch (self, &link->down, now, &server, &client));
        }
      else
        next = MIN (next, now + 500);
      add_polled (self, link->down.to, client);
      add_polled (self, link->down.from, server);
    }
  if (next != G_MAXINT64)
    {
      timeout.tv_sec = (next - now) / G_USEC_PER_SEC;
      timeout.tv_nsec = (next - now) % G_USEC_PER_SEC * 1000;
    }
  (void) ppoll ((struct pollfd *) (void *) self->polled->data, self->polled->len,
                next == G_MAXINT64 ? NULL : &timeout, NULL);
}

static void
serve_link (Relay *self, Link *link, short client, short server)
{
  const short readable = POLLIN | POLLHUP | POLLERR;

  if (link->cut_by != 0)
    {
      finish_cut (self, link);
      return;
    }
  if ((client & readable) != 0 && !link->up.is_ended)
    take (self, link, &link->up);
  if ((server & readable) != 0 && !link->down.is_ended && !link->is_dead)
    take (self, link, &link->down);
  if (!link->is_dead)
    give (self, link, &link->up);
  if (!link->is_dead)
    give (self, link, &link->down);
  if (link->up.is_shut && link->down.is_shut)
    link->is_dead = TRUE;
}

static void
run (Relay *self)
{
  const struct pollfd *polled = NULL;

  do
    {
      wait_for_news (self);
      polled = (const struct pollfd *) (void *) self->polled->data;
      /* From the end, so that those before keep their place. */
      for (guint i = self->links->len; i-- > 0;)
        {
          Link *link = g_ptr_array_index (self->links, i);

          serve_link (self, link, polled[2 + 2 * i].revents, polled[3 + 2 * i].revents);
          if (link->is_dead)
            g_ptr_array_remove_index_fast (self->links, i);
        }
      if ((polled[1].revents & POLLIN) != 0)
        accept_link (self);
    }
  while (polled[0].revents == 0);
}

static gboolean
parse (Line *line, int *argc, char ***argv, GError **error)
{
  /* clang-format off */
  const GOptionEntry entries[] = {
    { "delay", 0, 0, G_OPTION_ARG_INT, &line->delay, "Each way", "MS" },
    { "rate", 0, 0, G_OPTION_ARG_INT64, &line->rate, "A second, on each connection", "BYTES" },
    { "shared", 0, 0, G_OPTION_ARG_NONE, &line->is_shared, "That of all connections", NULL },
    { "cut-every", 0, 0, G_OPTION_ARG_INT64, &line->cut_every, "Cut after so many", "BYTES" },
    { "cut-percent", 0, 0, G_OPTION_ARG_DOUBLE, &line->cut_percent, "Connections to cut", "N" },
    { "loss-percent", 0, 0, G_OPTION_ARG_DOUBLE, &line->loss_percent, "Packets to lose", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &line->seed, "The same one has the same accidents", "N" },
    { NULL },
  };
  /* clang-format on */
  g_autoptr (GOptionContext) context = g_option_context_new ("UPSTREAM-PORT");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 2)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "One port is needed");
  return FALSE;
}

static void
announce (const Relay *self)
{
  struct sockaddr_in address = { 0 };
  socklen_t size = sizeof address;

  getsockname (self->listener, (struct sockaddr *) &address, &size);
  printf ("%u\n", ntohs (address.sin_port));
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  Relay relay = { 0 };
  g_autoptr (GError) error = NULL;

  if (!parse (&relay.line, &argc, &argv, &error))
    {
      g_printerr ("bench-relay: %s\n", error->message);
      return 2;
    }
  relay.upstream = (guint) g_ascii_strtoull (argv[1], NULL, 10);
  relay.random = g_rand_new_with_seed ((guint32) relay.line.seed);
  relay.links = g_ptr_array_new_with_free_func (link_free);
  relay.polled = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
  relay.listener = make_socket (0, TRUE);
  announce (&relay);
  run (&relay);

  printf ("{\"connections\": %u, \"cuts\": %u, \"up\": %" G_GUINT64_FORMAT
          ", \"down\": %" G_GUINT64_FORMAT "}\n",
          relay.connections, relay.cuts, relay.bytes_up, relay.bytes_down);
  g_ptr_array_unref (relay.links);
  g_array_unref (relay.polled);
  g_rand_free (relay.random);
  close (relay.listener);
  return 0;
}
