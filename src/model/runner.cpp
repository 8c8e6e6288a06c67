#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include <fmt/format.h>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "model/session.hpp"
#include "model/session_impl.hpp"

namespace perch::model {

namespace {

constexpr std::size_t kAlignment = 64;
/// What goes into a model at once stays under this, however small the model: activations need many times as much.
constexpr std::size_t kMaxBatchBytes = std::size_t{16} << 20;
/// An output that claims to be larger is left to ONNX Runtime to allocate.
constexpr std::size_t kMaxOutputBytes = std::size_t{256} << 20;

/// Memory that only grows, all zeros at first.
class AlignedMemory {
 public:
  std::byte* data() const { return memory_.get(); }

  void grow(std::size_t bytes) {
    if (bytes <= capacity_) return;
    memory_.reset(static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{kAlignment})));
    std::memset(memory_.get(), 0, bytes);
    capacity_ = bytes;
  }

 private:
  struct Delete {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{kAlignment}); }
  };

  std::unique_ptr<std::byte[], Delete> memory_;
  std::size_t capacity_ = 0;
};

std::size_t bytes_of(int onnx_type) {
  switch (onnx_type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8:
      return 1;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return 2;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      return 8;
    default:
      return 4;
  }
}

template <class T>
void widen(const void* from, std::span<float> to) {
  const T* values = static_cast<const T*>(from);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(values[i]);
}

void widen_halves(const void* from, std::span<float> to) {
  const auto* values = static_cast<const std::uint16_t*>(from);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = Ort::Float16_t::FromBits(values[i]).ToFloat();
}

/// Values of any type that a session offers (see `element_type`) as floats.
bool widen(ONNXTensorElementDataType type, const void* from, std::span<float> to) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      std::memcpy(to.data(), from, to.size_bytes());
      return true;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
      widen<std::uint8_t>(from, to);
      return true;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8:
      widen<std::int8_t>(from, to);
      return true;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      widen<std::int32_t>(from, to);
      return true;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      widen<std::int64_t>(from, to);
      return true;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      widen_halves(from, to);
      return true;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      widen<double>(from, to);
      return true;
    default:
      return false;
  }
}

template <class From, class To>
void convert(const std::byte* from, std::byte* to, std::size_t count) {
  const auto* values = reinterpret_cast<const From*>(from);
  std::transform(values, values + count, reinterpret_cast<To*>(to), [](From value) { return static_cast<To>(value); });
}

/// Values as `picture_element` says to those of the model's type.
void convert(int onnx_type, const std::byte* from, std::byte* to, std::size_t count) {
  switch (onnx_type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return convert<std::uint8_t, std::int32_t>(from, to, count);
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return convert<std::uint8_t, std::int64_t>(from, to, count);
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return convert<float, Ort::Float16_t>(from, to, count);
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      return convert<float, double>(from, to, count);
    default:
      return;
  }
}

std::size_t count_of(std::span<const std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t dim : shape) count *= static_cast<std::size_t>(dim);
  return count;
}

/// Where one output arrives.
struct Arrival {
  std::vector<std::int64_t> shape;
  std::vector<float> values;   ///< when converted, or when the memory is ours
  std::vector<std::byte> raw;  ///< memory of ours for an output of another type
};

}  // namespace

struct Runner::Impl {
  Impl(std::shared_ptr<const Session> of, std::vector<std::int64_t> element) : session(std::move(of)) {
    const SessionTensor& input = session->impl_->inputs.front();
    input_type = static_cast<ONNXTensorElementDataType>(input.onnx_type);
    const bool batched = input.info.shape.size() == element.size() + 1;
    PERCH_ASSERT(batched);  // fit_card has checked it
    input_shape.push_back(input.info.shape.front());
    input_shape.insert(input_shape.end(), element.begin(), element.end());
    element_count = count_of(element);
    model_bytes = element_count * bytes_of(input.onnx_type);
    if (input.info.type != ElementType::f32 && input.info.type != ElementType::u8)
      taken = picture_element(input.info.type);
    element_bytes = !taken ? model_bytes : element_count * (*taken == image::Element::u8 ? 1 : sizeof(float));
    fixed_batch = input.info.shape.front() > 0 ? static_cast<int>(input.info.shape.front()) : 0;
    batch_symbol = input.symbols.front();
    input_name = input.info.name.c_str();
    for (const SessionTensor& output : session->impl_->outputs) output_names.push_back(output.info.name.c_str());
    arrivals.resize(output_names.size());
    tensors.outputs.resize(output_names.size());
  }

  int max_batch() const {
    if (fixed_batch > 0) return fixed_batch;
    return static_cast<int>(
        std::clamp<std::size_t>(kMaxBatchBytes / std::max<std::size_t>(model_bytes, 1), 1, kMaxBatch));
  }

  /// The batch that the model is given for `batch` elements.
  int model_batch(int batch) const { return fixed_batch > 0 ? fixed_batch : batch; }

  void prepare(int batch);
  void prepare_output(std::size_t index, int batch);
  Result<void> call();
  Result<void> take(std::size_t index, int batch);

  std::shared_ptr<const Session> session;
  ONNXTensorElementDataType input_type;
  std::vector<std::int64_t> input_shape;
  std::size_t element_count = 0;
  std::size_t model_bytes = 0;          ///< of an element in the model's type
  std::size_t element_bytes = 0;        ///< of an element as it is put in
  std::optional<image::Element> taken;  ///< what is put in, when it has to be converted for the model
  int fixed_batch = 0;                  ///< 0: free
  std::string batch_symbol;
  const char* input_name = nullptr;
  std::vector<const char*> output_names;

  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::RunOptions run_options;
  AlignedMemory input_memory;  ///< of the model's type
  AlignedMemory put_in;        ///< what is converted to it
  int prepared = 0;            ///< the batch that values below are made for
  bool preallocate = true;     ///< false once a model's outputs had other shapes than it declares
  Ort::Value input_value{nullptr};
  std::vector<Ort::Value> output_values;  ///< null: ONNX Runtime allocates it
  std::vector<bool> ours;                 ///< whether an output arrives in our memory
  std::vector<Arrival> arrivals;
  Tensors tensors;
};

void Runner::Impl::prepare(int batch) {
  const int rows = model_batch(batch);
  if (rows == prepared) return;
  const std::size_t bytes = model_bytes * static_cast<std::size_t>(rows);
  input_memory.grow(bytes);
  if (taken) put_in.grow(element_bytes * static_cast<std::size_t>(rows));
  input_shape.front() = rows;
  input_value =
      Ort::Value::CreateTensor(memory, input_memory.data(), bytes, input_shape.data(), input_shape.size(), input_type);
  output_values.clear();
  ours.assign(output_names.size(), false);
  for (std::size_t i = 0; i < output_names.size(); ++i) prepare_output(i, rows);
  prepared = rows;
}

/// Gives an output memory of ours when its shape is known beforehand: no free dimension but the batch.
void Runner::Impl::prepare_output(std::size_t index, int batch) {
  const SessionTensor& output = session->impl_->outputs[index];
  std::vector<std::int64_t>& shape = arrivals[index].shape;
  shape = output.info.shape;
  bool known = preallocate;
  double bytes = static_cast<double>(bytes_of(output.onnx_type));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0 && !batch_symbol.empty() && output.symbols[i] == batch_symbol) shape[i] = batch;
    known = known && shape[i] > 0;
    bytes *= static_cast<double>(shape[i]);
  }
  if (!known || bytes > static_cast<double>(kMaxOutputBytes)) {
    output_values.emplace_back(nullptr);
    return;
  }
  Arrival& arrival = arrivals[index];
  ours[index] = true;
  arrival.values.resize(count_of(shape));
  void* place = arrival.values.data();
  if (output.info.type != ElementType::f32) {
    arrival.raw.resize(static_cast<std::size_t>(bytes));
    place = arrival.raw.data();
  }
  output_values.push_back(Ort::Value::CreateTensor(memory, place, static_cast<std::size_t>(bytes), shape.data(),
                                                   shape.size(),
                                                   static_cast<ONNXTensorElementDataType>(output.onnx_type)));
}

Result<void> Runner::Impl::call() {
  try {
    for (std::size_t i = 0; i < ours.size(); ++i)
      if (!ours[i]) output_values[i] = Ort::Value(nullptr);
    Ort::UnownedSession(session->impl_->session)
        .Run(run_options, &input_name, &input_value, 1, output_names.data(), output_values.data(),
             output_values.size());
    return {};
  } catch (const Ort::Exception& error) {
    const std::string_view text = error.what();
    return fail(Errc::internal, "the model failed: " + printable(text.substr(0, text.find('\n')), 300));
  }
}

/// Makes the view of one output: its own floats, or converted ones.
Result<void> Runner::Impl::take(std::size_t index, int batch) {
  const SessionTensor& output = session->impl_->outputs[index];
  Arrival& arrival = arrivals[index];
  std::span<const float> data;
  if (ours[index]) {
    if (fixed_batch > 0 && !arrival.shape.empty()) arrival.shape.front() = output.info.shape.front();
    if (output.info.type != ElementType::f32)
      widen(static_cast<ONNXTensorElementDataType>(output.onnx_type), arrival.raw.data(), arrival.values);
    data = arrival.values;
  } else {
    const Ort::Value& value = output_values[index];
    const auto info = value.GetTensorTypeAndShapeInfo();
    arrival.shape = info.GetShape();
    const std::size_t count = count_of(arrival.shape);
    if (info.GetElementType() == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      data = {value.GetTensorData<float>(), count};
    } else {
      arrival.values.resize(count);
      if (!widen(info.GetElementType(), value.GetTensorRawData(), arrival.values))
        return fail(Errc::unsupported, fmt::format("the output '{}' holds no numbers", output.info.name));
      data = arrival.values;
    }
  }
  if (fixed_batch > batch && !arrival.shape.empty() && arrival.shape.front() == fixed_batch) {
    data = data.first(data.size() / static_cast<std::size_t>(fixed_batch) * static_cast<std::size_t>(batch));
    arrival.shape.front() = batch;
  }
  tensors.outputs[index] = {output.info.name, arrival.shape, data};
  return {};
}

Runner::Runner(std::shared_ptr<const Session> session, std::vector<std::int64_t> element_shape)
    : impl_(std::make_unique<Impl>(std::move(session), std::move(element_shape))) {}

Runner::~Runner() = default;
Runner::Runner(Runner&&) noexcept = default;
Runner& Runner::operator=(Runner&&) noexcept = default;

int Runner::max_batch() const {
  return impl_->max_batch();
}

std::span<std::byte> Runner::input(int batch, int element) {
  PERCH_ASSERT(element >= 0 && element < batch && batch <= max_batch());
  impl_->prepare(batch);
  std::byte* begin = (impl_->taken ? impl_->put_in : impl_->input_memory).data();
  return {begin + impl_->element_bytes * static_cast<std::size_t>(element), impl_->element_bytes};
}

Result<const Tensors*> Runner::run(int batch) {
  PERCH_ASSERT(batch > 0 && impl_->prepared == impl_->model_batch(batch));
  if (impl_->taken)
    convert(impl_->input_type, impl_->put_in.data(), impl_->input_memory.data(),
            impl_->element_count * static_cast<std::size_t>(batch));
  Result<void> called = impl_->call();
  if (!called && impl_->preallocate) {  // some models declare shapes that they do not keep
    impl_->preallocate = false;
    impl_->prepared = 0;
    impl_->prepare(batch);
    called = impl_->call();
  }
  PERCH_CHECK(called);
  for (std::size_t i = 0; i < impl_->arrivals.size(); ++i) PERCH_CHECK(impl_->take(i, batch));
  return &impl_->tensors;
}

}  // namespace perch::model
