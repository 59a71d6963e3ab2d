// Requests of the user and the system. The first SIGINT or SIGTERM asks to stop, the second ends the process
// at once. SIGHUP (the terminal is gone) asks to stop, however often it comes: shells repeat it. SIGUSR1 asks
// for a checkpoint.
#pragma once

namespace tern {

/// Installs the handlers. From then on one signal only sets the flag of stop_requested, and the work in
/// progress is finished and saved; the next SIGINT or SIGTERM ends the process as if no handler were there. A
/// signal that the process was started to ignore, as by nohup or in the background of a script, stays
/// ignored.
void install_stop_handlers();

/// True once a signal to stop has come.
bool stop_requested();

/// True once for each SIGUSR1, or several that came together.
bool take_save_request();

}  // namespace tern
