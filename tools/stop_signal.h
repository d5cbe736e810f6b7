// SIGINT and SIGTERM as a request to stop at the next good moment.
#pragma once

namespace stroma {

/// From here on the first SIGINT or SIGTERM is only noted; the next one ends the program. Call it
/// before any thread is started.
void catch_stop_signals();

/// The signal that came, or 0.
int stop_signal();

}  // namespace stroma
