# SPDX-License-Identifier: LGPL-2.1-or-later
"""A battery as UPower tells of it, on the session's bus, which stands for the system's."""

from gi.repository import Gio, GLib

DEVICE = "org.freedesktop.UPower.Device"
PATH = "/org/freedesktop/UPower/devices/DisplayDevice"
INTERFACE = Gio.DBusNodeInfo.new_for_xml(f"""<node><interface name="{DEVICE}">
  <property name="State" type="u" access="read"/>
  <property name="Percentage" type="d" access="read"/>
  <property name="WarningLevel" type="u" access="read"/>
</interface></node>""").interfaces[0]


class Battery:
    """Is answered for while the main loop runs."""

    CHARGING, DISCHARGING = 1, 2

    def __init__(self, state, percentage, warning=1):
        self.properties = {}
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.take(state, percentage, warning)
        self.object = self.bus.register_object(PATH, INTERFACE, None, self.read, None)
        self.name = Gio.bus_own_name_on_connection(self.bus, "org.freedesktop.UPower",
                                                   Gio.BusNameOwnerFlags.NONE, None, None)

    def take(self, state, percentage, warning):
        self.properties = {"State": GLib.Variant("u", state),
                           "Percentage": GLib.Variant("d", percentage),
                           "WarningLevel": GLib.Variant("u", warning)}

    def read(self, _bus, _sender, _path, _interface, name):
        return self.properties[name]

    def set(self, state, percentage, warning=1):
        self.take(state, percentage, warning)
        self.bus.emit_signal(None, PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                             GLib.Variant("(sa{sv}as)", (DEVICE, self.properties, [])))

    def end(self):
        Gio.bus_unown_name(self.name)
        self.bus.unregister_object(self.object)
