// Options of `stroma train` that say something the run would take no notice of.
#pragma once

#include "tools/train_options.h"

namespace stroma {

/// Throws CLI::ParseError for an option on the command line that has no effect on the run `config`,
/// and for a key of the model's `spec` that has none there.
void refuse_idle(const TrainOptions& options, const ModelSpec& spec, const RunConfig& config);

}  // namespace stroma
