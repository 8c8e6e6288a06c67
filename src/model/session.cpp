#include "model/session.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "model/onnx_bytes.hpp"
#include "model/runtime.hpp"
#include "model/session_impl.hpp"

namespace perch::model {

namespace {

constexpr std::uint8_t kFirstByteOfOnnx = 0x08;  // field 1 (ir_version) as a varint, which all exporters write first

ElementType element_type(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return ElementType::f32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
      return ElementType::u8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8:
      return ElementType::i8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return ElementType::i32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return ElementType::i64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return ElementType::f16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      return ElementType::f64;
    default:
      return ElementType::other;
  }
}

/// What ONNX Runtime says without the place in its own source that it says it at: `FILE:LINE FUNCTION(TYPES) text`.
std::string_view without_source(std::string_view text) {
  const std::size_t file = text.find("/onnxruntime_src/");
  std::size_t at = file == std::string_view::npos ? file : text.find('(', file);
  if (at == std::string_view::npos) return text;
  for (int open = 0; at < text.size(); ++at) {
    open += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    if (open == 0) break;
  }
  const std::size_t space = text.find(' ', std::min(at, text.size()));
  return space == std::string_view::npos ? text : text.substr(space + 1);
}

/// The first words of what ONNX Runtime says, on one line.
std::string reason(const Ort::Exception& error) {
  std::string_view text = without_source(error.what());
  return printable(text.substr(0, text.find('\n')), 300);
}

/// Whether a model is sound and this ONNX Runtime is too old for it, or has not what it computes with.
bool is_beyond_this_runtime(const Ort::Exception& error) {
  constexpr std::array<std::string_view, 4> kSigns{"Unsupported model IR version", "is under development and support",
                                                   "No Op registered for", "is not a registered function/op"};
  const std::string_view text = error.what();
  return error.GetOrtErrorCode() == ORT_NOT_IMPLEMENTED ||
         std::ranges::any_of(kSigns, [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
}

std::string starts_with(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
    text += fmt::format(" {:02x}", byte);
  return text;
}

Error load_error(const Ort::Exception& error, ByteView onnx, const std::string& where) {
  if (is_beyond_this_runtime(error))
    return {Errc::unsupported, "this ONNX Runtime cannot run the model: " + reason(error), where,
            "export it for an older operator set, without operators of its own"};
  if (onnx.front() != kFirstByteOfOnnx)
    return {Errc::invalid, "is not an ONNX model: it starts with" + starts_with(onnx), where, {}};
  if (error.GetOrtErrorCode() == ORT_INVALID_PROTOBUF)
    return {Errc::invalid, "is not an ONNX model, or one that is damaged or cut short", where, "get the file anew"};
  return {Errc::invalid, "the model is broken: " + reason(error), where, {}};
}

SessionTensor tensor_of(std::string name, const Ort::TypeInfo& type) {
  SessionTensor tensor;
  tensor.info.name = std::move(name);
  tensor.info.type = ElementType::other;
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return tensor;
  const auto shape = type.GetTensorTypeAndShapeInfo();
  tensor.onnx_type = shape.GetElementType();
  tensor.info.type = element_type(shape.GetElementType());
  tensor.info.shape = shape.GetShape();
  std::vector<const char*> symbols(tensor.info.shape.size());
  if (!symbols.empty()) shape.GetSymbolicDimensions(symbols.data(), symbols.size());
  for (const char* symbol : symbols) tensor.symbols.emplace_back(symbol ? symbol : "");
  return tensor;
}

std::vector<SessionTensor> inputs_of(OrtSession* handle) {
  const Ort::UnownedSession session(handle);
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<SessionTensor> inputs;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i)
    inputs.push_back(tensor_of(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
  return inputs;
}

/// The outputs that are tensors of numbers; no decoder reads others.
std::vector<SessionTensor> outputs_of(OrtSession* handle) {
  const Ort::UnownedSession session(handle);
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<SessionTensor> outputs;
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    SessionTensor tensor = tensor_of(session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i));
    if (tensor.info.type != ElementType::other) outputs.push_back(std::move(tensor));
  }
  return outputs;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

/// Names are written into cards, which are UTF-8, and read back. Errors: unsupported
Result<void> check_names(const std::vector<SessionTensor>& tensors, std::string_view what, const std::string& where) {
  for (const SessionTensor& tensor : tensors)
    if (!is_utf8(tensor.info.name))
      return fail(Errc::unsupported,
                  fmt::format("the name of the model's {} '{}' is not UTF-8", what, printable(tensor.info.name, 60)),
                  where, "export the model with another name for it");
  return {};
}

std::vector<TensorInfo> infos(const std::vector<SessionTensor>& tensors) {
  std::vector<TensorInfo> infos;
  for (const SessionTensor& tensor : tensors) infos.push_back(tensor.info);
  return infos;
}

}  // namespace

Session::Impl::~Impl() {
  Ort::GetApi().ReleaseSession(session);
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Session::~Session() = default;

Result<std::shared_ptr<const Session>> Session::load(ByteView onnx, const std::string& where, int intra_op_threads) {
  if (onnx.size() > kMaxModelBytes)
    return fail(Errc::too_large, fmt::format("{} is more than a model may have", format_size(onnx.size())), where);
  if (onnx.empty()) return fail(Errc::invalid, "is not an ONNX model: the file is empty", where);
  if (const std::optional<std::string> file = file_of_weights(onnx))
    return fail(Errc::unsupported,
                fmt::format("its weights are in another file, '{}'; a model is one file", printable(*file, 60)), where,
                "save it with its weights inside");
  PERCH_TRY(const Runtime* const opened, runtime());
  try {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(std::max(1, intra_op_threads));
    options.SetInterOpNumThreads(1);
    options.SetExecutionMode(ORT_SEQUENTIAL);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    // Without VNNI, AVX2's 8-bit products saturate: of 799 roller digits dig-class100 then misreads 13 instead of 3.
    options.AddConfigEntry("session.x64quantprecision", "1");
    options.AddConfigEntry("session.intra_op.allow_spinning", "0");  // idle threads must leave the core to other work
    const std::optional<Bytes> constant = with_constant_weights(onnx);
    const ByteView bytes = constant ? ByteView(*constant) : onnx;
    OrtSession* session = nullptr;
    Ort::ThrowOnError(
        Ort::GetApi().CreateSessionFromArray(opened->environment, bytes.data(), bytes.size(), options, &session));
    auto impl = std::make_unique<Impl>(session);
    impl->inputs = inputs_of(session);
    impl->outputs = outputs_of(session);
    PERCH_CHECK(check_names(impl->inputs, "input", where));
    PERCH_CHECK(check_names(impl->outputs, "output", where));
    impl->input_infos = infos(impl->inputs);
    impl->output_infos = infos(impl->outputs);
    return std::shared_ptr<const Session>(new Session(std::move(impl)));
  } catch (const Ort::Exception& error) {
    return fail(load_error(error, onnx, where));
  }
}

const std::vector<TensorInfo>& Session::inputs() const {
  return impl_->input_infos;
}

const std::vector<TensorInfo>& Session::outputs() const {
  return impl_->output_infos;
}

std::string_view name(ElementType type) {
  constexpr std::array<std::string_view, 8> kNames{"f32", "u8", "i8", "i32", "i64", "f16", "f64", "other"};
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<image::Element> picture_element(ElementType type) {
  switch (type) {
    case ElementType::f32:
    case ElementType::f16:
    case ElementType::f64:
      return image::Element::f32;
    case ElementType::u8:
    case ElementType::i32:
    case ElementType::i64:
      return image::Element::u8;
    default:
      return std::nullopt;
  }
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t dim : shape) {
    if (text.size() > 1) text += ", ";
    text += dim < 0 ? std::string("?") : fmt::format("{}", dim);
  }
  return text + "]";
}

}  // namespace perch::model
