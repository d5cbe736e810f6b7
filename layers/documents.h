// What the documents say of layers, made from their types.
#pragma once

#include <string>

namespace stroma {

/// Every type of layer with its keys, as Markdown: `stroma info --layers` prints it, and
/// docs/models.md holds it.
std::string layers_as_markdown();

/// The built-in models, as the table in docs/models.md has them.
std::string models_as_markdown();

}  // namespace stroma
