#pragma once

// Of hiredis nothing but the parser: connections are NIO's.
#include <hiredis/read.h>
