/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "onward-proxies.h"

#include "onward-address.h"

struct _OnwardProxies
{
  GObject parent_instance;

  GProxyResolver *usual; /* (owned) (nullable) */
};

static gboolean
is_local (const char *address)
{
  g_autoptr (GUri) uri = onward_address_parse (address, TRUE, NULL);

  return uri != NULL && onward_address_is_local (uri);
}

/* The default one reads settings and loads modules: not before it is needed. */
static GProxyResolver *
get_usual (GProxyResolver *resolver)
{
  OnwardProxies *self = ONWARD_PROXIES (resolver);

  return self->usual != NULL ? self->usual : g_proxy_resolver_get_default ();
}

static char **
make_direct (void)
{
  const char *direct[] = { "direct://", NULL };

  return g_strdupv ((char **) direct);
}

static gboolean
is_supported (GProxyResolver *resolver)
{
  return g_proxy_resolver_is_supported (get_usual (resolver));
}

static char **
lookup (GProxyResolver *resolver, const char *address, GCancellable *cancellable, GError **error)
{
  if (is_local (address))
    return make_direct ();
  return g_proxy_resolver_lookup (get_usual (resolver), address, cancellable, error);
}

static void
on_usual_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char **proxies;

  proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);
  if (proxies != NULL)
    g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static void
lookup_async (GProxyResolver *resolver, const char *address, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_set_source_tag (task, lookup_async);
  if (!is_local (address))
    {
      g_proxy_resolver_lookup_async (get_usual (resolver), address, cancellable, on_usual_answered,
                                     task);
      return;
    }
  g_task_return_pointer (task, make_direct (), (GDestroyNotify) g_strfreev);
  g_object_unref (task);
}

static char **
lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, resolver), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
onward_proxies_implement (GProxyResolverInterface *iface)
{
  iface->is_supported = is_supported;
  iface->lookup = lookup;
  iface->lookup_async = lookup_async;
  iface->lookup_finish = lookup_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (OnwardProxies, onward_proxies, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      onward_proxies_implement))

static void
onward_proxies_finalize (GObject *object)
{
  OnwardProxies *self = ONWARD_PROXIES (object);

  g_clear_object (&self->usual);

  G_OBJECT_CLASS (onward_proxies_parent_class)->finalize (object);
}

static void
onward_proxies_class_init (OnwardProxiesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = onward_proxies_finalize;
}

static void
onward_proxies_init (OnwardProxies *self)
{
  (void) self;
}

/**
 * onward_proxies_new:
 * @usual: (nullable): whom to ask for addresses elsewhere; %NULL for the default resolver
 *
 * No proxy knows what is served on this computer, though the environment names proxies without
 * such an exception. Errors are those of @usual.
 *
 * Returns: (transfer full): the resolver
 */
GProxyResolver *
onward_proxies_new (GProxyResolver *usual)
{
  OnwardProxies *self = g_object_new (ONWARD_TYPE_PROXIES, NULL);

  g_set_object (&self->usual, usual);
  return G_PROXY_RESOLVER (self);
}
