// Catch2, whichever major version the system has, under the names of version 2.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>

#include "tests/support/catch_v2_names.h"

#else
#include <catch2/catch.hpp>
#endif
