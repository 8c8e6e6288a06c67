#pragma once
#include <string>
#include <vector>

#include "model/session.hpp"

struct OrtSession;

namespace perch::model {

/// What sessions and runners know of an input or output beyond its `TensorInfo`.
struct SessionTensor {
  TensorInfo info;
  int onnx_type = 0;                 ///< ONNXTensorElementDataType
  std::vector<std::string> symbols;  ///< the name of each free dimension; empty where it has none
};

/// Shared by session.cpp and runner.cpp; no one else's.
struct Session::Impl {
  explicit Impl(OrtSession* made) : session(made) {}

  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  OrtSession* session;
  std::vector<SessionTensor> inputs, outputs;  ///< outputs: those that are tensors of numbers
  std::vector<TensorInfo> input_infos, output_infos;
};

}  // namespace perch::model
