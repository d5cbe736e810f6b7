// Lines of CSV and of tables with tabs, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stroma {

/// The fields of a line between `separator`s, without blanks round them; one in double quotes (`""`
/// stands for a quote) may hold a separator. Throws Error, after `where`, for quotes that do not
/// close, or with text behind them.
std::vector<std::string> csv_fields(std::string_view line, char separator,
                                    const std::string& where);

}  // namespace stroma
