// The two bidirectional LSTM layers of the DNA model in cuDNN, forward and backward with all
// gradients, as bench/gpu_lstm_bench.cpp times them in Stroma. Prints one line of JSON for the
// fastest of cuDNN's algorithms. The library is loaded when the program runs: libcudnn.so.9 as the
// system finds it, or the file that --library names, such as the one that comes with PyTorch.
#include <cudnn.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "bench/gpu/dna_model.h"
#include "bench/gpu/replays.h"
#include "engine/tensor.h"
#include "kernels/error.h"
#include "layers/init.h"

namespace stroma::bench {
namespace {

struct Options {
  std::string library = "libcudnn.so.9";
  bool tf32 = false;
  int64_t batch = 32;
  int samples = 30, replays = 20;
};

/// A loaded library, for as long as the process lives.
class Library {
 public:
  explicit Library(const std::string& name)
      : name_(name), handle_(dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
    if (handle_ == nullptr) throw Error(fmt::format("{}; name cuDNN's with --library", dlerror()));
  }

  /// The function of this name; the null pointer beside it brings the type that the header
  /// declares.
  template <class F>
  F* find(const std::pair<F*, const char*>& function) const {
    void* const address = dlsym(handle_, function.second);
    if (address == nullptr) throw Error(fmt::format("{} has no {}", name_, function.second));
    return reinterpret_cast<F*>(address);
  }

 private:
  std::string name_;
  void* handle_;
};

// Names a function without linking to it.
#define STROMA_CUDNN(function) std::pair(static_cast<decltype(&(function))>(nullptr), #function)

/// Calls cuDNN: cudnn(STROMA_CUDNN(cudnnCreate), &handle).
class Cudnn {
 public:
  explicit Cudnn(const std::string& name) : library_(name) {}

  template <class F, class... Arguments>
  void operator()(const std::pair<F*, const char*>& function, Arguments... arguments) const {
    const cudnnStatus_t status = library_.find(function)(arguments...);
    if (status == CUDNN_STATUS_SUCCESS) return;
    const auto text = library_.find(STROMA_CUDNN(cudnnGetErrorString));
    throw Error(fmt::format("{} failed: {}", function.second, text(status)));
  }

  std::size_t version() const { return library_.find(STROMA_CUDNN(cudnnGetVersion))(); }

 private:
  Library library_;
};

constexpr int layers = 2, directions = 2;
const Device device{Device::Kind::cuda, 0};

Tensor of_bytes(std::size_t bytes) {
  return Tensor::zeros({static_cast<int64_t>(bytes) + 1}, DType::uint8, device);
}

/// Everything that one algorithm needs for a step, its forward and its backward pass.
class Lstm {
 public:
  Lstm(const Cudnn& cudnn, cudnnHandle_t handle, cudnnRNNAlgo_t algorithm, const Options& options)
      : cudnn_(cudnn), handle_(handle) {
    const auto batch = static_cast<int>(options.batch);
    constexpr int hidden = dna_model::hidden, inputs = dna_model::conv2_channels;
    constexpr int positions = dna_model::positions;
    cudnn(STROMA_CUDNN(cudnnCreateDropoutDescriptor), &dropout_);
    cudnn(STROMA_CUDNN(cudnnSetDropoutDescriptor), dropout_, handle, 0.0f,
          static_cast<void*>(nullptr), std::size_t{0}, 1ULL);
    cudnn(STROMA_CUDNN(cudnnCreateRNNDescriptor), &rnn_);
    cudnn(STROMA_CUDNN(cudnnSetRNNDescriptor_v8), rnn_, algorithm, CUDNN_LSTM,
          CUDNN_RNN_DOUBLE_BIAS, CUDNN_BIDIRECTIONAL, CUDNN_LINEAR_INPUT, CUDNN_DATA_FLOAT,
          CUDNN_DATA_FLOAT, options.tf32 ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH, inputs, hidden,
          hidden, layers, dropout_, uint32_t{CUDNN_RNN_PADDED_IO_DISABLED});

    const std::vector<int> lengths(options.batch, positions);
    for (const auto& [descriptor, width] :
         {std::pair(&x_shape_, inputs), {&y_shape_, directions * hidden}}) {
      cudnn(STROMA_CUDNN(cudnnCreateRNNDataDescriptor), descriptor);
      cudnn(STROMA_CUDNN(cudnnSetRNNDataDescriptor), *descriptor, CUDNN_DATA_FLOAT,
            CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_PACKED, positions, batch, width, lengths.data(),
            static_cast<void*>(nullptr));
    }
    const int shape[3] = {layers * directions, batch, hidden},
              strides[3] = {batch * hidden, hidden, 1};
    cudnn(STROMA_CUDNN(cudnnCreateTensorDescriptor), &state_shape_);
    cudnn(STROMA_CUDNN(cudnnSetTensorNdDescriptor), state_shape_, CUDNN_DATA_FLOAT, 3,
          static_cast<const int*>(shape), static_cast<const int*>(strides));

    cudnn(STROMA_CUDNN(cudnnGetRNNWeightSpaceSize), handle, rnn_, &weight_bytes_);
    cudnn(STROMA_CUDNN(cudnnGetRNNTempSpaceSizes), handle, rnn_, CUDNN_FWD_MODE_TRAINING, x_shape_,
          &work_bytes_, &reserve_bytes_);
    InitialWeights init{.seed = 1, .device = device};
    const auto weights = static_cast<int64_t>(weight_bytes_ / sizeof(float));
    weight_ = uniform_parameter({weights}, 1 / std::sqrt(double{hidden}), init);
    weight_grad_ = Tensor::zeros({weights}, DType::float32, device);
    x_ = uniform_parameter({positions, options.batch, inputs}, 1, init);
    y_grad_ = uniform_parameter({positions, options.batch, int64_t{directions} * hidden}, 1, init);
    const std::vector<float> poison(x_.count(), std::numeric_limits<float>::quiet_NaN());
    x_grad_ = Tensor::of(poison, x_.shape(), device);
    y_ = Tensor::empty(y_grad_.shape(), DType::float32, device);
    work_ = of_bytes(work_bytes_);
    reserve_ = of_bytes(reserve_bytes_);
  }
  Lstm(const Lstm&) = delete;
  Lstm& operator=(const Lstm&) = delete;
  ~Lstm() {
    cudnn_(STROMA_CUDNN(cudnnDestroyTensorDescriptor), state_shape_);
    cudnn_(STROMA_CUDNN(cudnnDestroyRNNDataDescriptor), y_shape_);
    cudnn_(STROMA_CUDNN(cudnnDestroyRNNDataDescriptor), x_shape_);
    cudnn_(STROMA_CUDNN(cudnnDestroyRNNDescriptor), rnn_);
    cudnn_(STROMA_CUDNN(cudnnDestroyDropoutDescriptor), dropout_);
  }

  /// Forward, the gradient of the input, and that of the weights, which is added up.
  void step() {
    const auto* const all_full = static_cast<const int32_t*>(nullptr);
    const auto* const zeros = static_cast<const void*>(nullptr);  // h and c before the first step
    auto* const unasked = static_cast<void*>(nullptr);
    cudnn_(STROMA_CUDNN(cudnnRNNForward), handle_, rnn_, CUDNN_FWD_MODE_TRAINING, all_full,
           x_shape_, read(x_), y_shape_, y_.bytes(), state_shape_, zeros, unasked, state_shape_,
           zeros, unasked, weight_bytes_, read(weight_), work_bytes_, work_.bytes(), reserve_bytes_,
           reserve_.bytes());
    cudnn_(STROMA_CUDNN(cudnnRNNBackwardData_v8), handle_, rnn_, all_full, y_shape_, read(y_),
           read(y_grad_), x_shape_, x_grad_.bytes(), state_shape_, zeros, zeros, unasked,
           state_shape_, zeros, zeros, unasked, weight_bytes_, read(weight_), work_bytes_,
           work_.bytes(), reserve_bytes_, reserve_.bytes());
    cudnn_(STROMA_CUDNN(cudnnRNNBackwardWeights_v8), handle_, rnn_, CUDNN_WGRAD_MODE_ADD, all_full,
           x_shape_, read(x_), state_shape_, zeros, y_shape_, read(y_), weight_bytes_,
           weight_grad_.bytes(), work_bytes_, work_.bytes(), reserve_bytes_, reserve_.bytes());
  }

  void check_results() const {
    for (const Tensor* const tensor : {&x_grad_, &weight_grad_}) {
      for (const float value : tensor->to_vector<float>()) {
        if (!std::isfinite(value)) throw Error("a gradient of cuDNN's is not finite");
      }
    }
  }

 private:
  static const void* read(const Tensor& tensor) { return tensor.bytes(); }

  const Cudnn& cudnn_;
  cudnnHandle_t handle_;
  cudnnDropoutDescriptor_t dropout_ = nullptr;
  cudnnRNNDescriptor_t rnn_ = nullptr;
  cudnnRNNDataDescriptor_t x_shape_ = nullptr, y_shape_ = nullptr;
  cudnnTensorDescriptor_t state_shape_ = nullptr;
  std::size_t weight_bytes_ = 0, work_bytes_ = 0, reserve_bytes_ = 0;
  Tensor weight_, weight_grad_, x_, x_grad_, y_, y_grad_, work_, reserve_;
};

void run(const Options& options) {
  const Cuda cuda = cuda_context(0);
  const Cudnn cudnn(options.library);
  cudnnHandle_t handle = nullptr;
  cudnn(STROMA_CUDNN(cudnnCreate), &handle);
  cudnn(STROMA_CUDNN(cudnnSetStream), handle, cuda.stream);

  std::string fastest;
  Replays best;
  for (const auto& [algorithm, name] :
       {std::pair(CUDNN_RNN_ALGO_STANDARD, "standard"),
        {CUDNN_RNN_ALGO_PERSIST_STATIC, "persistent"},
        {CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H, "persistent, small hidden size"}}) {
    try {
      Lstm lstm(cudnn, handle, algorithm, options);
      const Replays timing = time_replays(
          cuda, [&] { lstm.step(); }, options.samples, options.replays);
      lstm.check_results();
      fmt::print(stderr, "{}: {:.1f} us\n", name, timing.median_us);
      if (!fastest.empty() && timing.median_us >= best.median_us) continue;
      fastest = name;
      best = timing;
    } catch (const Error& error) {
      fmt::print(stderr, "{}: {}\n", name, error.what());
    }
  }
  if (fastest.empty()) throw Error("none of cuDNN's algorithms ran");
  print_replays(fmt::format("cuDNN {}", cudnn.version()),
                fmt::format("[{}, {}, {}], 2 layers of 2 x {}", dna_model::positions, options.batch,
                            dna_model::conv2_channels, dna_model::hidden),
                fastest + (options.tf32 ? ", TF32" : ""), best);
  cudnn(STROMA_CUDNN(cudnnDestroy), handle);
}

}  // namespace
}  // namespace stroma::bench

int main(int argc, char** argv) {
  stroma::bench::Options options;
  CLI::App app("Times the LSTM layers of the DNA model in cuDNN.");
  app.add_option("--library", options.library)->capture_default_str();
  app.add_flag("--tf32", options.tf32, "allow TF32");
  app.add_option("--batch-size", options.batch)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--samples", options.samples)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--replays", options.replays, "of a sample")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    stroma::bench::run(options);
  } catch (const stroma::Error& error) {
    fmt::print(stderr, "cudnn_lstm: {}\n", error.what());
    return 1;
  }
  return 0;
}
