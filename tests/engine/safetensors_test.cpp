#include "engine/safetensors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "engine/files.h"
#include "kernels/error.h"
#include "tests/folder.h"

namespace stroma {
namespace {

const std::filesystem::path golden = test::folder() / "golden/safetensors_file.safetensors";

std::filesystem::path temporary(const std::string& name) {
  return std::filesystem::temp_directory_path() / (name + std::to_string(getpid()));
}

std::string file_of(const std::string& header, const std::string& data = "") {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}

/// The message with which `bytes` are refused.
std::string refusal(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "m");
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

void expect_equal(const SafetensorsFile& a, const SafetensorsFile& b) {
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    ASSERT_TRUE(b.tensors.contains(name)) << name;
    const Tensor& other = b.tensors.at(name);
    EXPECT_EQ(tensor.shape(), other.shape()) << name;
    ASSERT_EQ(tensor.dtype(), other.dtype()) << name;
    EXPECT_EQ(std::memcmp(tensor.bytes(), other.bytes(), tensor.byte_count()), 0) << name;
  }
}

TEST(Safetensors, ReadsWhatThePythonPackageWrote) {
  const SafetensorsFile file = read_safetensors(golden);
  EXPECT_EQ(file.metadata.at("format"), "pt");
  EXPECT_EQ(file.metadata.at("labels"), "[\"psaA\", \"ψ\"]");
  const auto& tensors = file.tensors;
  ASSERT_EQ(tensors.size(), 7u);
  EXPECT_EQ(tensors.at("conv1.weight").shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(tensors.at("conv1.weight").to_vector<float>()[23], 23 / 8.0f);
  EXPECT_EQ(tensors.at("double").to_vector<double>(), (std::vector<double>{1.0 / 3, -2.5}));
  EXPECT_EQ(tensors.at("bytes").to_vector<uint8_t>(), (std::vector<uint8_t>{0, 7, 255}));
  EXPECT_EQ(tensors.at("int").to_vector<int32_t>(), (std::vector<int32_t>{-1, 2147483647}));
  EXPECT_EQ(tensors.at("long").to_vector<int64_t>(), (std::vector<int64_t>{1LL << 62, -3}));
  EXPECT_EQ(tensors.at("empty").shape(), (Shape{0, 5}));
  EXPECT_EQ(tensors.at("scalar").shape(), Shape{});
  EXPECT_EQ(tensors.at("scalar").item<float>(), 1.5f);
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const SafetensorsFile file = read_safetensors(golden);
  const auto path = temporary("roundtrip");
  write_safetensors(path, file);
  const std::string bytes = read_file(path);
  expect_equal(read_safetensors(path), file);
  write_safetensors(path, file);
  EXPECT_EQ(read_file(path), bytes);
  std::filesystem::remove(path);
}

TEST(Safetensors, AlignsTheDataAndEveryTensorInIt) {
  const auto path = temporary("aligned");
  for (const std::size_t length : {1, 2, 3, 4, 5, 6, 7, 8}) {
    SafetensorsFile file;
    file.tensors[std::string(length, 'a')] = Tensor::of<uint8_t>({1, 2, 3}, {3});
    file.tensors["z"] = Tensor::of<double>({0.5}, {1});
    write_safetensors(path, file);
    const std::string bytes = read_file(path);
    uint64_t header;
    std::memcpy(&header, bytes.data(), 8);
    EXPECT_EQ(header % 8, 0u);
    double first;
    std::memcpy(&first, bytes.data() + 8 + header, 8);
    EXPECT_EQ(first, 0.5);
  }
  std::filesystem::remove(path);
}

TEST(Safetensors, RefusesEveryTruncationOfAFile) {
  const std::string bytes = read_file(golden);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(refusal(bytes.substr(0, size)), "(accepted)") << size;
  }
  EXPECT_NE(refusal(bytes + "x"), "(accepted)");
}

TEST(Safetensors, ChecksTheHeaderAgainstTheFileBeforeTakingMemory) {
  EXPECT_NE(refusal(std::string(8, '\xff') + "{}").find("announces a header of 184467440737"),
            std::string::npos);
  EXPECT_NE(refusal("LOCUS       NC_005353").find("not a safetensors file; name one"),
            std::string::npos);
  const std::string huge =
      R"({"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}})";
  EXPECT_NE(refusal(file_of(huge)).find("take 4000000000000 bytes, and 0 follow"),
            std::string::npos);
  const std::string overflow =
      R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})";
  EXPECT_NE(refusal(file_of(overflow)).find("impossible shape"), std::string::npos);
}

TEST(Safetensors, RefusesAHeaderThatDoesNotDescribeItsData) {
  const std::string a = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  EXPECT_EQ(refusal(file_of("{" + a + "}", "xy")), "(accepted)");
  const struct {
    std::string header, says;
  } cases[] = {
      {"{" + a + "," + a + "}", "names 'a' twice"},
      {R"({"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "'dtype' twice"},
      {"{" + a + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", "'b' begins at"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", "'a' begins at byte 1"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "take 1 bytes, and 2"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}})", "needs 3 bytes"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}})", "offsets are [2, 0]"},
      {R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", "no size"},
      {R"({"a":{"dtype":"U8","shape":2,"data_offsets":[0,2]}})", "not a list"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1,2]}})", "not two numbers"},
      {R"({"a":{"dtype":"U8","shape":[2]}})", "has no data_offsets"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1}})", "a key other than"},
      {R"({"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}})", "has the type BF16"},
      {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,2]}})", "not a string"},
      {R"({"a":[]})", "has no dtype"},
      {R"({"__metadata__":{"a":1}})", "metadata 'a' is not a string"},
      {R"({"__metadata__":[]})", "__metadata__ is not"},
      {R"({"a":)", "not valid JSON"},
      {"{\"\xff\":1}", "not valid JSON"},
      {"[1]", "not a safetensors file"},
  };
  for (const auto& [header, says] : cases) {
    EXPECT_NE(refusal(file_of(header, "xy")).find(says), std::string::npos)
        << header << "\n"
        << refusal(file_of(header, "xy"));
  }
}

TEST(Safetensors, TellsWhatAForeignFileIs) {
  const auto pad = [](const std::string& text) { return text + std::string(32, '\1'); };
  EXPECT_NE(refusal(pad("PK\x03\x04")).find("PyTorch's .pt"), std::string::npos);
  EXPECT_NE(refusal(pad("\x80\x02")).find("pickle"), std::string::npos);
  EXPECT_NE(refusal(pad("\x89HDF\r\n\x1a\n")).find("HDF5"), std::string::npos);
  EXPECT_NE(refusal(pad("PK\x03\x04")).find("safetensors.torch.save_file"), std::string::npos);
  EXPECT_NE(refusal("LOCUS       NC_005353 203828 bp").find("m: not a safetensors file"),
            std::string::npos);
}

TEST(Safetensors, RefusesANameThatIsNoText) {
  SafetensorsFile file;
  file.metadata["labels"] = "\xff";
  EXPECT_THROW(write_safetensors(temporary("bad"), file), Error);
  EXPECT_FALSE(std::filesystem::exists(temporary("bad")));
}

}  // namespace
}  // namespace stroma
