// Stopping on request: the first SIGINT or SIGTERM asks, the second ends the process at once.
#pragma once

namespace tern {

/// Installs the handlers. From then on one signal only sets the flag of stop_requested, and the work in
/// progress is finished and saved; the next one ends the process as if no handler were there.
void install_stop_handlers();

/// True once SIGINT or SIGTERM has come.
bool stop_requested();

}  // namespace tern
