#include "model/runtime.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

using namespace perch;
using namespace perch::model;

TEST_CASE("ONNX Runtime opens, says its version and stays the same") {
  const Result<const Runtime*> opened = runtime();
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message()));
  CHECK((*opened)->version.starts_with("1."));
  CHECK((*opened)->environment != nullptr);
  CHECK(runtime().value() == *opened);
  CHECK(std::string(std::getenv("ORT_DISABLE_TELEMETRY")) == "1");
}

TEST_CASE("a library that is not there or is another one is an error with a remedy") {
  const auto missing = probe_runtime("/nowhere/libonnxruntime.so.1");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().remedy.find("scripts/setup") != std::string::npos);
  const auto other = probe_runtime("libm.so.6");
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::invalid);
}

TEST_CASE("PERCH_ONNXRUNTIME alone decides where to look") {
  const char* before = std::getenv("PERCH_ONNXRUNTIME");
  const std::string kept = before ? before : "";
  ::setenv("PERCH_ONNXRUNTIME", "/opt/x/libonnxruntime.so.1", 1);
  CHECK(runtime_candidates() == std::vector<std::filesystem::path>{"/opt/x/libonnxruntime.so.1"});
  ::setenv("PERCH_ONNXRUNTIME", "/tmp", 1);
  CHECK(runtime_candidates().front() == "/tmp/libonnxruntime.so.1");
  ::unsetenv("PERCH_ONNXRUNTIME");
  CHECK(runtime_candidates().back() == "libonnxruntime.so");
  if (before) ::setenv("PERCH_ONNXRUNTIME", kept.c_str(), 1);
}
