// Golden files: what PyTorch computed, written by the scripts in tests/golden.
#pragma once

#include <string>

#include "engine/safetensors.h"
#include "tests/folder.h"

namespace stroma::test {

/// The tensors of tests/golden/NAME.safetensors.
inline std::map<std::string, Tensor> load_golden(const std::string& name) {
  return read_safetensors(folder() / "golden" / (name + ".safetensors")).tensors;
}

}  // namespace stroma::test
