#pragma once

#include <zlib.h>

// deflateInit2 is a macro, which Swift does not see. 16 more bits of window ask for the gzip format.
static inline int CZlib_deflateInitGzip(z_streamp stream, int level, int windowBits, int memoryLevel) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits + 16, memoryLevel, Z_DEFAULT_STRATEGY);
}
