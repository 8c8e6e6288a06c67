# Everything from outside. docs/architecture.md says what each library is for.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 3.39 REQUIRED)
pkg_check_modules(libjpeg REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(ffmpeg REQUIRED libavformat libavcodec libavutil libswscale)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(avahi REQUIRED IMPORTED_TARGET avahi-core)

# OpenCV's own CMake package comes with all of its modules; we use two.
foreach(module core imgproc)
  find_library(PERCH_OPENCV_${module} opencv_${module} REQUIRED)
  add_library(opencv_${module} UNKNOWN IMPORTED)
  set_target_properties(opencv_${module} PROPERTIES IMPORTED_LOCATION "${PERCH_OPENCV_${module}}")
endforeach()
find_path(PERCH_OPENCV_INCLUDE opencv2/core.hpp REQUIRED PATH_SUFFIXES opencv4)
set_target_properties(opencv_core opencv_imgproc PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${PERCH_OPENCV_INCLUDE}")

find_path(PERCH_TOMLPP_INCLUDE toml++/toml.h REQUIRED)
find_path(PERCH_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_path(PERCH_EXPECTED_INCLUDE tl/expected.hpp REQUIRED)

# ONNX Runtime is opened at run time (any 1.21 or newer serves); only its headers are needed to build.
set(PERCH_THIRD_PARTY "${CMAKE_SOURCE_DIR}/third_party" CACHE PATH "Where scripts/setup puts what Debian 12 has no package for")
find_path(PERCH_ONNXRUNTIME_INCLUDE onnxruntime_c_api.h
          PATHS "${PERCH_THIRD_PARTY}/onnxruntime/include" PATH_SUFFIXES onnxruntime)
if(NOT PERCH_ONNXRUNTIME_INCLUDE)
  message(FATAL_ERROR "The headers of ONNX Runtime are missing. Run scripts/setup.")
endif()

# What of Boost's Asio and Beast is no template, compiled once and not by each of the files that include them.
add_library(perch_boost STATIC "${CMAKE_SOURCE_DIR}/cmake/boost_asio.cpp" "${CMAKE_SOURCE_DIR}/cmake/boost_beast.cpp")
target_compile_definitions(perch_boost PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(perch_boost PUBLIC Boost::headers Threads::Threads PRIVATE perch_compiler)

# Boost.JSON's own code, likewise.
add_library(perch_boost_json STATIC "${CMAKE_SOURCE_DIR}/cmake/boost_json.cpp")
target_link_libraries(perch_boost_json PUBLIC perch_boost PRIVATE perch_compiler)
