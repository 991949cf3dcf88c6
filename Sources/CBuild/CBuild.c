#include "CBuild.h"

const char *tidewatch_commit(void) { return TIDEWATCH_COMMIT; }
