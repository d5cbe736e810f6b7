// The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors'
// bytes. https://github.com/huggingface/safetensors
#pragma once

#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "engine/tensor.h"

namespace stroma {

struct SafetensorsFile {
  std::map<std::string, Tensor> tensors;  // on the CPU
  std::map<std::string, std::string> metadata;
};

/// Reads a whole file: F32, F64, U8, I32 and I64. Every size is checked against the file before
/// memory is taken; throws Error naming the file and what is wrong with it.
SafetensorsFile read_safetensors(const std::filesystem::path& path);
/// The same from the bytes of a file; `where` names it in messages.
SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& where);

/// The same content gives the same bytes.
void write_safetensors(std::ostream& stream, const SafetensorsFile& file);
/// Writes to a temporary name beside `path` and renames.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

}  // namespace stroma
