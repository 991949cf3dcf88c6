#ifndef TIDEWATCH_CBUILD_H
#define TIDEWATCH_CBUILD_H

/// The commit that the sources are of, with a `+` where they were changed since; empty where it is not known.
///
/// In C because a Swift target takes no text from Package.swift, and a generated file would change the sources that it
/// speaks of.
const char *tidewatch_commit(void);

#endif
