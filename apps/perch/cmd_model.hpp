#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "command.hpp"
#include "model/model.hpp"

namespace perch::cli {

/// What `perch model bench` measures one after the other.
enum class BenchStage : std::uint8_t {
  infer,   ///< ONNX Runtime alone, on the same input again and again
  decode,  ///< pictures from bytes to pixels, reduced as the model allows
  all      ///< decode, preprocess, infer and the decoder, in a loop: the limit of what a pipeline can reach
};

/// One stage with one number of workers.
struct BenchResult {
  BenchStage stage = BenchStage::infer;
  int workers = 1;
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double cpu_ms = 0;  ///< of a thread's time on a core for one round, mean
};

struct BenchPlan {
  std::shared_ptr<const model::Model> model;
  std::vector<Bytes> pictures;  ///< without any only inference is measured
  std::vector<int> workers;
  Seconds each{2};                      ///< for each stage and number of workers
  std::vector<BenchStage> stages = {};  ///< none: all that the pictures allow
};

/// The names of stages in output.
std::string_view name(BenchStage stage);

/// Measures every stage with every number of workers. Errors: those of decoding and of the model. @thread any, blocks
Result<std::vector<BenchResult>> bench_model(const BenchPlan& plan);

// The parts of `perch model` that have files of their own.
void add_model_ls(CLI::App& model, Run& chosen);
void add_model_pull(CLI::App& model, Run& chosen);
void add_model_compare(CLI::App& model, Run& chosen);
void add_model_measure(CLI::App& model, Run& chosen);
void add_model_quantise(CLI::App& model, Run& chosen);

}  // namespace perch::cli
