#include "CNextVersion.h"

int tidewatch_versions_more(void) { return TIDEWATCH_VERSIONS_MORE; }
