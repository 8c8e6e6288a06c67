#include "core/training_torch.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <thread>

#include <dlfcn.h>

namespace perch::trainer {

namespace {

constexpr double kPi = 3.14159265358979323846;

/// A function of OpenBLAS, or null where the machine's BLAS is another. It is asked for by name because which one there
/// is is chosen when the machine is set up, not when we are compiled.
template <class Function>
Function* of_openblas(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

std::vector<float> values_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

torch::serialize::OutputArchive archive_of(const torch::nn::Module& module) {
  torch::serialize::OutputArchive archive;
  module.save(archive);
  return archive;
}

std::string text_of(torch::serialize::OutputArchive& archive) {
  std::ostringstream text;
  archive.save_to(text);
  return text.str();
}

}  // namespace

void prepare_torch(std::int64_t seed, int threads) {
  // Left to itself libtorch takes one thread on some virtual machines, whose cores it cannot tell apart.
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  // OpenBLAS would start as many threads again as libtorch. Before libtorch's are set: one build of it sets those too.
  if (auto* set_threads = of_openblas<void(int)>("openblas_set_num_threads")) set_threads(1);
  torch::set_num_threads(threads > 0 ? threads : cores);
  torch::manual_seed(static_cast<std::uint64_t>(seed));
}

bool blas_is_for_one_thread() {
  auto* parallel = of_openblas<int()>("openblas_get_parallel");
  return parallel && parallel() == 0;
}

std::string weights_to_bytes(const torch::nn::Module& module) {
  auto archive = archive_of(module);
  return text_of(archive);
}

void weights_from_bytes(torch::nn::Module& module, const std::string& bytes) {
  std::istringstream text(bytes);
  torch::serialize::InputArchive archive;
  archive.load_from(text);
  module.load(archive);
}

std::string training_to_bytes(const torch::nn::Module& module, const torch::optim::Optimizer& optimizer,
                              const torch::nn::Module& average) {
  torch::serialize::OutputArchive all, of_module = archive_of(module), of_average = archive_of(average), of_optimizer;
  optimizer.save(of_optimizer);
  all.write("module", of_module);
  all.write("average", of_average);
  all.write("optimizer", of_optimizer);
  return text_of(all);
}

void training_from_bytes(torch::nn::Module& module, torch::optim::Optimizer& optimizer, torch::nn::Module& average,
                         const std::string& bytes) {
  std::istringstream text(bytes);
  torch::serialize::InputArchive all, of_module, of_average, of_optimizer;
  all.load_from(text);
  all.read("module", of_module);
  all.read("average", of_average);
  all.read("optimizer", of_optimizer);
  module.load(of_module);
  average.load(of_average);
  optimizer.load(of_optimizer);
}

void update_average(torch::nn::Module& average, const torch::nn::Module& module, double decay) {
  const torch::NoGradGuard no_grad;
  const auto to = average.parameters(), from = module.parameters();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].mul_(decay).add_(from[i], 1 - decay);
  const auto to_buffers = average.buffers(), from_buffers = module.buffers();
  for (std::size_t i = 0; i < to_buffers.size(); ++i) {
    if (to_buffers[i].is_floating_point())
      to_buffers[i].mul_(decay).add_(from_buffers[i], 1 - decay);
    else
      to_buffers[i].copy_(from_buffers[i]);
  }
}

std::vector<torch::optim::OptimizerParamGroup> decay_groups(torch::nn::Module& module, double weight_decay) {
  std::vector<torch::Tensor> weights, others;
  for (const torch::Tensor& parameter : module.parameters())
    (parameter.dim() > 1 ? weights : others).push_back(parameter);
  auto decayed = std::make_unique<torch::optim::AdamWOptions>();
  decayed->weight_decay(weight_decay);
  auto plain = std::make_unique<torch::optim::AdamWOptions>();
  plain->weight_decay(0);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::move(weights), std::move(decayed));
  groups.emplace_back(std::move(others), std::move(plain));
  return groups;
}

OnnxWeights to_onnx(const torch::Tensor& tensor) {
  return {tensor.sizes().vec(), values_of(tensor)};
}

std::string export_conv(OnnxGraph& graph, const std::string& x, const torch::nn::Conv2d& conv,
                        const torch::nn::BatchNorm2d& norm) {
  OnnxWeights weights = to_onnx(conv->weight), bias;
  if (conv->bias.defined()) bias = to_onnx(conv->bias);
  fold_norm(weights, bias, values_of(norm->running_mean), values_of(norm->running_var), values_of(norm->weight),
            values_of(norm->bias), norm->options.eps());
  const auto& options = conv->options;
  const auto padding = c10::get_if<torch::ExpandingArray<2>>(&options.padding());
  return graph.conv(x, weights, bias, static_cast<int>(options.stride()->at(0)),
                    padding ? static_cast<int>((*padding)->at(0)) : 0, static_cast<int>(options.groups()));
}

std::string export_conv(OnnxGraph& graph, const std::string& x, const torch::nn::Conv2d& conv) {
  const auto& options = conv->options;
  const auto padding = c10::get_if<torch::ExpandingArray<2>>(&options.padding());
  return graph.conv(x, to_onnx(conv->weight), conv->bias.defined() ? to_onnx(conv->bias) : OnnxWeights{},
                    static_cast<int>(options.stride()->at(0)), padding ? static_cast<int>((*padding)->at(0)) : 0,
                    static_cast<int>(options.groups()));
}

double learning_rate_factor(double done, double warm_up, double last) {
  if (done < warm_up) return 0.05 + 0.95 * done / warm_up;
  const double part = (done - warm_up) / (1 - warm_up);
  return last + (1 - last) * 0.5 * (1 + std::cos(kPi * std::min(1.0, part)));
}

void set_learning_rate(torch::optim::Optimizer& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);
}

}  // namespace perch::trainer
