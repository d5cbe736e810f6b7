#include "engine/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "engine/files.h"
#include "kernels/error.h"

namespace stroma {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

using Json = nlohmann::json;

constexpr std::size_t length_bytes = 8;

struct Name {
  DType dtype;
  const char* name;
};
constexpr Name dtype_names[] = {{DType::float32, "F32"},
                                {DType::float64, "F64"},
                                {DType::uint8, "U8"},
                                {DType::int32, "I32"},
                                {DType::int64, "I64"}};

const char* format_name(DType dtype) {
  for (const Name& known : dtype_names) {
    if (known.dtype == dtype) return known.name;
  }
  throw Error("safetensors has no name for " + to_string(dtype));
}

/// One tensor of the header: its bytes are [begin, end) of what follows the header.
struct Entry {
  std::string name;
  DType dtype;
  Shape shape;
  uint64_t begin, end;
};

/// Reads one file; `where` begins its messages.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  SafetensorsFile read() const {
    refuse_foreign();
    const std::string_view header = find_header();
    const std::string_view buffer = bytes_.substr(length_bytes + header.size());
    SafetensorsFile file;
    std::vector<Entry> entries;
    const Json json = parse(header);
    if (!json.is_object()) fail("the header is not a JSON object");
    for (const auto& [name, value] : json.items()) {
      if (name == "__metadata__") {
        file.metadata = metadata(value);
      } else {
        entries.push_back(entry(name, value));
      }
    }
    check_cover(entries, buffer.size());
    for (const Entry& entry : entries) {
      Tensor tensor = Tensor::empty(entry.shape, entry.dtype);
      if (tensor.count() > 0) {
        std::memcpy(tensor.bytes(), buffer.data() + entry.begin, entry.end - entry.begin);
      }
      file.tensors.emplace(entry.name, std::move(tensor));
    }
    return file;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_ + ": not a safetensors file, or a damaged one: " + what);
  }
  [[noreturn]] void fail(const std::string& tensor, const std::string& what) const {
    throw Error(where_ + ": damaged safetensors file: tensor '" + tensor + "' " + what);
  }

  void refuse_foreign() const {
    const struct {
      std::string_view magic;
      const char* what;
    } formats[] = {
        {"PK\x03\x04", "a zip archive (PyTorch's .pt, Keras's .keras, NumPy's .npz)"},
        {"\x80\x02", "a Python pickle (an old PyTorch .pt)"},
        {"\x80\x03", "a Python pickle"},
        {"\x80\x04", "a Python pickle"},
        {"\x80\x05", "a Python pickle"},
        {"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras's .h5)"},
        {"\x93NUMPY", "a NumPy array (.npy)"},
        {"\x1f\x8b", "a gzip file"},
    };
    for (const auto& format : formats) {
      if (!bytes_.starts_with(format.magic)) continue;
      // A header of such a length could begin with the same bytes; then '{' follows it.
      if (bytes_.size() > length_bytes && bytes_[length_bytes] == '{') continue;
      throw Error(where_ + ": " + format.what +
                  ", not a safetensors file; in Python, save the weights with "
                  "safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")");
    }
  }

  std::string_view find_header() const {
    if (bytes_.size() < length_bytes) {
      fail("it has only " + std::to_string(bytes_.size()) + " bytes");
    }
    if (bytes_.size() > length_bytes && bytes_[length_bytes] != '{') {
      throw Error(where_ + ": not a safetensors file; name one, such as a run's model.safetensors");
    }
    uint64_t length;
    std::memcpy(&length, bytes_.data(), length_bytes);
    if (length > bytes_.size() - length_bytes) {
      fail("it announces a header of " + std::to_string(length) + " bytes, and the file has " +
           std::to_string(bytes_.size()) + "; if it was copied or downloaded, do that again");
    }
    if (length == 0) fail("the header is empty");
    return bytes_.substr(length_bytes, length);
  }

  /// JSON in which no object names a key twice.
  Json parse(std::string_view header) const {
    std::vector<std::set<std::string>> keys;  // of the objects around the current place
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key &&
          !keys.back().insert(value.get<std::string>()).second) {
        fail("the header names '" + value.get<std::string>() + "' twice");
      }
      return true;
    };
    try {
      return Json::parse(header, watch);
    } catch (const Json::exception&) {
      fail("the header is not valid JSON");
    }
  }

  std::map<std::string, std::string> metadata(const Json& value) const {
    std::map<std::string, std::string> result;
    if (!value.is_object()) fail("__metadata__ is not a JSON object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("the metadata '" + key + "' is not a string");
      result[key] = text.get<std::string>();
    }
    return result;
  }

  Entry entry(const std::string& name, const Json& value) const {
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!value.is_object() || !value.contains(key)) fail(name, std::string("has no ") + key);
    }
    if (value.size() != 3) fail(name, "has a key other than dtype, shape and data_offsets");
    if (!value["dtype"].is_string()) fail(name, "has a dtype that is not a string");
    Entry entry{.name = name,
                .dtype = dtype(name, value["dtype"].get<std::string>()),
                .shape = {},
                .begin = 0,
                .end = 0};
    for (const uint64_t extent : numbers(name, value["shape"], "shape")) {
      entry.shape.push_back(static_cast<int64_t>(extent));
    }
    const std::vector<uint64_t> offsets = numbers(name, value["data_offsets"], "data_offsets");
    if (offsets.size() != 2) fail(name, "has data_offsets that are not two numbers");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    int64_t bytes = size_of(entry.dtype);
    for (const int64_t extent : entry.shape) {
      if (__builtin_mul_overflow(bytes, extent, &bytes)) {
        fail(name, "has the impossible shape " + to_string(entry.shape));
      }
    }
    if (entry.end < entry.begin || entry.end - entry.begin != static_cast<uint64_t>(bytes)) {
      fail(name, "of shape " + to_string(entry.shape) + " and type " + to_string(entry.dtype) +
                     " needs " + std::to_string(bytes) + " bytes, its data_offsets are [" +
                     std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]");
    }
    return entry;
  }

  DType dtype(const std::string& tensor, const std::string& text) const {
    for (const Name& known : dtype_names) {
      if (text == known.name) return known.dtype;
    }
    throw Error(where_ + ": tensor '" + tensor + "' has the type " + text +
                ", and only F32, F64, U8, I32 and I64 can be read; convert it before saving, in "
                "PyTorch with .float()");
  }

  std::vector<uint64_t> numbers(const std::string& tensor, const Json& value,
                                const char* key) const {
    std::vector<uint64_t> result;
    if (!value.is_array()) fail(tensor, std::string("has a ") + key + " that is not a list");
    for (const Json& item : value) {
      if (!item.is_number_unsigned() || item.get<uint64_t>() > uint64_t{INT64_MAX}) {
        fail(tensor, std::string("has a number in its ") + key + " that is no size");
      }
      result.push_back(item.get<uint64_t>());
    }
    return result;
  }

  /// The tensors must lie one after the other and fill the buffer: no gap, no overlap, no rest.
  void check_cover(std::vector<Entry>& entries, uint64_t size) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    uint64_t end = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != end) {
        fail(entry.name, "begins at byte " + std::to_string(entry.begin) +
                             " of the data, where the one before ends at " + std::to_string(end));
      }
      end = entry.end;
    }
    if (end != size) {
      fail("its tensors take " + std::to_string(end) + " bytes, and " + std::to_string(size) +
           " follow the header; if it was copied or downloaded, do that again");
    }
  }

  std::string_view bytes_;
  const std::string& where_;
};

}  // namespace

SafetensorsFile parse_safetensors(std::string_view bytes, const std::string& where) {
  return Reader(bytes, where).read();
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

void write_safetensors(std::ostream& stream, const SafetensorsFile& file) {
  // Wide elements first, so that every tensor is aligned to its element.
  std::vector<std::pair<std::string, Tensor>> tensors(file.tensors.begin(), file.tensors.end());
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return size_of(a.second.dtype()) > size_of(b.second.dtype());
  });
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) json["__metadata__"] = file.metadata;
  int64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    json[name] = {{"dtype", format_name(tensor.dtype())},
                  {"shape", tensor.shape()},
                  {"data_offsets", {offset, offset + tensor.byte_count()}}};
    offset += tensor.byte_count();
  }
  std::string header;
  try {
    header = json.dump();
  } catch (const Json::exception&) {
    throw Error("a name or a label in it is not UTF-8 text");
  }
  header.append((length_bytes - header.size() % length_bytes) % length_bytes, ' ');
  const uint64_t length = header.size();
  stream.write(reinterpret_cast<const char*>(&length), length_bytes);
  stream << header;
  for (const auto& [name, tensor] : tensors) {
    const Tensor host = tensor.to(Device{});
    stream.write(static_cast<const char*>(host.bytes()), host.byte_count());
  }
}

void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file) {
  write_file(path, [&](std::ostream& stream) {
    try {
      write_safetensors(stream, file);
    } catch (const Error& error) {
      throw Error("cannot write " + path.string() + ": " + error.what());
    }
  });
}

}  // namespace stroma
