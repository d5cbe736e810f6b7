// Words for messages.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/cuda/emulator/types.h"

namespace stroma::emulator {

std::string to_string(const uint3& index);  // "(1,0,0)"
std::string to_string(const dim3& extent);
std::string hexadecimal(uint32_t mask);  // "0xffffffff"

}  // namespace stroma::emulator
