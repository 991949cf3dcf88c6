// Nothing is called: it is loaded before the C library. See HostClock.c.
