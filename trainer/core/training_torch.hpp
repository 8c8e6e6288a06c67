#pragma once
#include <string>
#include <vector>

#include <torch/torch.h>

#include "onnx/graph.hpp"

/// What trainers share around libtorch. Only for files that include it anyway (NAME_torch.cpp, C++17).
namespace perch::trainer {

/// Threads and random numbers of libtorch, from a seed. @param threads  0: one a core
void prepare_torch(std::int64_t seed, int threads);

/// Whether the machine's BLAS multiplies wrongly, now and then, when two threads use it at once. OpenBLAS built without
/// threads (Debian's libopenblas0-serial) does: they take each other's buffers.
bool blas_is_for_one_thread();

/// All parameters and buffers as bytes.
std::string weights_to_bytes(const torch::nn::Module& module);
/// @throws c10::Error when they are another network's
void weights_from_bytes(torch::nn::Module& module, const std::string& bytes);

/// Weights, optimiser and averages in one.
std::string training_to_bytes(const torch::nn::Module& module, const torch::optim::Optimizer& optimizer,
                              const torch::nn::Module& average);
void training_from_bytes(torch::nn::Module& module, torch::optim::Optimizer& optimizer, torch::nn::Module& average,
                         const std::string& bytes);

/// average ← decay · average + (1 − decay) · module, parameters and statistics of norms alike, so that weights of a
/// while ago do not meet statistics of now; whole numbers are copied. The modules are alike.
void update_average(torch::nn::Module& average, const torch::nn::Module& module, double decay);

/// Parameters in two groups: those of two or more dimensions with weight decay, others (norms, biases) without.
std::vector<torch::optim::OptimizerParamGroup> decay_groups(torch::nn::Module& module, double weight_decay);

OnnxWeights to_onnx(const torch::Tensor& tensor);

/// A convolution with the normalisation that follows it, as one.
std::string export_conv(OnnxGraph& graph, const std::string& x, const torch::nn::Conv2d& conv,
                        const torch::nn::BatchNorm2d& norm);
std::string export_conv(OnnxGraph& graph, const std::string& x, const torch::nn::Conv2d& conv);

/// A warm-up, then half a cosine: the factor of the highest learning rate. @param done  0..1
double learning_rate_factor(double done, double warm_up = 0.03, double last = 0.02);
void set_learning_rate(torch::optim::Optimizer& optimizer, double rate);

}  // namespace perch::trainer
