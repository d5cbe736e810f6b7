# Kernel files (*.cu): compiled by nvcc (STROMA_GPU=cuda) or by the host compiler against the
# emulator (STROMA_GPU=emulated).

if(STROMA_GPU STREQUAL "cuda")
  set(CMAKE_CUDA_ARCHITECTURES ${STROMA_CUDA_ARCHITECTURES})
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  target_compile_definitions(stroma_options INTERFACE STROMA_WITH_CUDA=1)
  # CMake 3.25.1, Debian 12's, does not know that nvcc speaks C++20.
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  # Registers and spills of every kernel, for scripts/kernel_resources.py.
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/keep_ptxas_report.sh)
  target_compile_options(stroma_options INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:
    --Werror=all-warnings -Xptxas=--warn-on-spills,-v
    -Xcompiler=-Wall,-Wextra,-Werror,-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=>)
elseif(STROMA_GPU STREQUAL "emulated")
  find_package(Boost REQUIRED COMPONENTS context)
  target_compile_definitions(stroma_options INTERFACE STROMA_WITH_CUDA=1 STROMA_EMULATED=1)
  if(STROMA_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(STROMA_CHECK_KERNELS ON)
    target_compile_definitions(stroma_options INTERFACE STROMA_CHECK_KERNELS=1)
  endif()
elseif(NOT STROMA_GPU STREQUAL "off")
  message(FATAL_ERROR "STROMA_GPU is ${STROMA_GPU}; it can be cuda, emulated or off")
endif()

# stroma_kernel_sources(FILES…): how this build compiles these kernel files.
function(stroma_kernel_sources)
  if(STROMA_GPU STREQUAL "emulated")
    set(options -Wno-unknown-pragmas)  # `#pragma unroll` is nvcc's
    if(STROMA_CHECK_KERNELS)
      # Every load and store of a kernel calls the emulator's checker instead of AddressSanitizer.
      list(APPEND options
        -fno-sanitize=address -fsanitize=kernel-address -fsanitize-recover=kernel-address
        --param=asan-instrumentation-with-call-threshold=0 --param=asan-stack=0
        --param=asan-globals=0 -fno-tree-vectorize)
    endif()
    set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "${options}")
  endif()
endfunction()
