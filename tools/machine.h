// What this build of the program is and what machine it runs on.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stroma {

/// Names and values, in the order in which `stroma info` shows them.
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace stroma
