#ifndef TIDEWATCH_CNEXTVERSION_H
#define TIDEWATCH_CNEXTVERSION_H

/// How many versions of own records more than this release's the binary knows: 1 where it was built with
/// TIDEWATCH_NEXT_RECORD_VERSION, to be run beside this release as the next one would; else 0.
///
/// In C because Swift would compile everything anew for it.
int tidewatch_versions_more(void);

#endif
