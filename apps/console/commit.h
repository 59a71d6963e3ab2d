// Written by cmake/WriteCommit.cmake with every build.
#pragma once

namespace tern {

/// What `git describe --always --dirty` said when this was built; "unknown" outside of a checkout.
const char* commit();

}  // namespace tern
