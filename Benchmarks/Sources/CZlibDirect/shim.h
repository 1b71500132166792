#pragma once

#include <zlib.h>

// deflateInit2 is a macro, which Swift does not see.
static inline int CZlibDirect_deflateInitGzip(z_streamp stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}
