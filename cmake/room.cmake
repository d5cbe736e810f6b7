# What all targets share, and one function a room.

add_library(stroma_options INTERFACE)
target_include_directories(stroma_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(stroma_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 warns of overlaps in string concatenation that are none (GCC bug 105329). clang-tidy reads
  # this line too, and does not know the warning.
  target_compile_options(stroma_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict -Wno-unknown-warning-option>)
endif()
# Messages name files from here on, whoever built the program where.
target_compile_options(stroma_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=>)
# Nobody reads errno or the floating-point flags; without them more loops vectorise (a select on
# AVX2, a square root), with the same values.
target_compile_options(stroma_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno -fno-trapping-math>)
target_compile_definitions(stroma_options INTERFACE STROMA_VERSION="${PROJECT_VERSION}")
if(STROMA_ARCH)
  target_compile_options(stroma_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=${STROMA_ARCH}>)
endif()
# What kernels ask of their callers (kernels/check.h).
if(STROMA_SANITIZE OR STROMA_FUZZ OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(stroma_options INTERFACE STROMA_CHECKED=1)
endif()
if(STROMA_SANITIZE)
  target_compile_options(stroma_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # g++ 13 and later move locals to a heap of their own to see uses after a return, and align those of
  # 64 bytes too little for AVX-512 (a fault in 14.2); g++ 12 leaves them on the stack, as here.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(stroma_options INTERFACE --param=asan-use-after-return=0)
  endif()
  # Compiled twice as fast as with -O2 -g, and no slower to run: the checks take the time. Reports
  # name file and line all the same.
  target_compile_options(stroma_options INTERFACE -O1 -g1)
  target_link_options(stroma_options INTERFACE -fsanitize=address,undefined)
  # Among the sanitizers' checks, g++ 12 takes std::regex's own variants to be uninitialised (GCC bug
  # 105562). The build without sanitizers keeps the warning.
  target_compile_options(stroma_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
endif()
if(STROMA_FUZZ)
  # clang warns of `omp simd` loops that the sanitizers keep it from vectorising.
  target_compile_options(stroma_options INTERFACE -Wno-pass-failed)
  target_compile_options(stroma_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_link_options(stroma_options INTERFACE -fsanitize=address,undefined)
  # As g++ does; clang++ says it in a way of its own.
  target_compile_definitions(stroma_options INTERFACE __SANITIZE_ADDRESS__=1)
endif()

# stroma_quick_to_compile(FILES…): with the sanitizers' checks in it, code takes half as long to
# compile without optimisation; for files that run little.
function(stroma_quick_to_compile)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -O0)
endfunction()

# stroma_room(NAME [libraries…]): the library of all sources in this folder and its subfolder cpu/.
# Libraries are what the room uses: the rooms below it and packages.
function(stroma_room name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp cpu/*.cpp)
  add_library(stroma_${name} STATIC ${sources})
  target_link_libraries(stroma_${name} PUBLIC stroma_options ${ARGN})
endfunction()

# stroma_list(TARGET OUTPUT TYPE): an include file made at each build, which declares every function
# `TYPE name() {` of the target's sources and all_types(), the list of what they return. So a new
# one is a new file, and no list is edited. (What registers itself when a program starts would be
# dropped by the linker.)
function(stroma_list target output type)
  get_target_property(sources ${target} SOURCES)
  set(path ${CMAKE_CURRENT_BINARY_DIR}/${output})
  add_custom_command(OUTPUT ${path}
    COMMAND ${CMAKE_COMMAND} -DTYPE=${type} "-DSOURCES=${sources}" -DOUTPUT=${path}
      -P ${PROJECT_SOURCE_DIR}/cmake/list_of.cmake
    DEPENDS ${sources} ${PROJECT_SOURCE_DIR}/cmake/list_of.cmake VERBATIM)
  target_sources(${target} PRIVATE ${path})
endfunction()
