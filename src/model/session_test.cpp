#include "model/session.hpp"

#include <cstring>

#include <doctest/doctest.h>

#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::model;
using test::OnnxType;

namespace {

std::shared_ptr<const Session> session_of(const Bytes& onnx) {
  auto session = Session::load(onnx, "tiny.onnx");
  REQUIRE_MESSAGE(session, (session ? "" : session.error().message()));
  return *session;
}

Error load_error(ByteView bytes) {
  const auto session = Session::load(bytes, "bad.onnx");
  REQUIRE_FALSE(session);
  CHECK(session.error().where == "bad.onnx");
  return session.error();
}

template <class T>
void put(std::span<std::byte> memory, const std::vector<T>& values) {
  REQUIRE(memory.size() == values.size() * sizeof(T));
  std::memcpy(memory.data(), values.data(), memory.size());
}

std::vector<float> values(const TensorView& view) {
  return {view.data.begin(), view.data.end()};
}

}  // namespace

TEST_CASE("a session tells its inputs and outputs, free dimensions as -1") {
  const auto session = session_of(test::mean_onnx("batch", 4, "width"));
  REQUIRE(session->inputs().size() == 1);
  CHECK(session->inputs()[0].name == "pictures");
  CHECK(session->inputs()[0].type == ElementType::f32);
  CHECK(session->inputs()[0].shape == std::vector<std::int64_t>{-1, 3, 4, -1});
  CHECK(shape_text(session->inputs()[0].shape) == "[?, 3, 4, ?]");
  REQUIRE(session->outputs().size() == 1);
  CHECK(session->outputs()[0].shape == std::vector<std::int64_t>{-1, 3});
}

TEST_CASE("what is no ONNX model is named with what it starts with") {
  CHECK(load_error({}).what.find("empty") != std::string::npos);
  const Error html = load_error(as_bytes("<html><body>404</body></html>"));
  CHECK(html.code == Errc::invalid);
  CHECK(html.what.find("is not an ONNX model") != std::string::npos);
  CHECK(html.what.find("3c 68 74 6d") != std::string::npos);
}

TEST_CASE("a model with an input or output whose name is not UTF-8 is refused") {
  const test::OnnxTensor fine{"bild", OnnxType::f32, {1, 3, 4, 4}}, odd{"b\xfcld", OnnxType::f32, {1, 3, 4, 4}};
  CHECK(load_error(test::to_onnx({{odd}, {fine}, {}, {{"Identity", {odd.name}, {fine.name}, {}, {}}}})).message() ==
        "bad.onnx: the name of the model's input 'b\\xfcld' is not UTF-8; export the model with another name for it");
  const Error output = load_error(test::to_onnx({{fine}, {odd}, {}, {{"Identity", {fine.name}, {odd.name}, {}, {}}}}));
  CHECK(output.code == Errc::unsupported);
  CHECK(output.what == "the name of the model's output 'b\\xfcld' is not UTF-8");
  const test::OnnxTensor german{"bïld", OnnxType::f32, {1, 3, 4, 4}};
  CHECK(Session::load(test::to_onnx({{german}, {fine}, {}, {{"Identity", {german.name}, {fine.name}, {}, {}}}}), "a"));
}

TEST_CASE("an ONNX model cut short anywhere is an error or another model, never a crash") {
  const Bytes whole = test::mean_onnx(1, 8, 8);
  std::size_t refused = 0;
  for (std::size_t length = 1; length < whole.size(); ++length)
    if (!Session::load(ByteView(whole).first(length), "cut.onnx")) ++refused;
  CHECK(refused >= whole.size() - 8);  // without the last bytes it may lack its operator set and still load
}

TEST_CASE("a damaged ONNX model is an error or another model, never a crash") {
  const Bytes whole = test::mean_onnx(1, 8, 8);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 0x55;
    const auto session = Session::load(damaged, "damaged.onnx");
    if (!session) CHECK(session.error().message().size() < 600);
  }
}

TEST_CASE("an operator that does not exist is an error with its name") {
  const test::OnnxTensor x{"x", OnnxType::f32, {1, 3, 2, 2}}, y{"y", OnnxType::f32, {1, 3, 2, 2}};
  const Error error = load_error(test::to_onnx({{x}, {y}, {}, {{"Teleport", {"x"}, {"y"}, {}, {}}}}));
  CHECK(error.what.find("Teleport") != std::string::npos);
}

TEST_CASE("a model that is newer than this ONNX Runtime is not called broken, and the reason is to be read") {
  Bytes onnx = test::mean_onnx("n", 4, 4);
  REQUIRE(onnx[0] == 0x08);
  onnx[1] = 99;  // the IR version
  const auto session = Session::load(onnx, "new.onnx");
  REQUIRE_FALSE(session);
  CHECK(session.error().code == Errc::unsupported);
  CHECK(session.error().what.starts_with(
      "this ONNX Runtime cannot run the model: Unsupported model IR version: 99, max supported IR version:"));
  CHECK_FALSE(session.error().remedy.empty());
}

TEST_CASE("what goes in comes out, call after call, in the same memory") {
  Runner runner(session_of(test::identity_onnx({"x", OnnxType::f32, {1, 3, 1, 2}})), {3, 1, 2});
  CHECK(runner.max_batch() == 1);
  const float* place = nullptr;
  for (float first = 0; first < 3; ++first) {
    const std::vector<float> in{first, 1, 2, 3, 4, 5};
    put(runner.input(1, 0), in);
    CHECK(reinterpret_cast<std::uintptr_t>(runner.input(1, 0).data()) % 64 == 0);
    const auto tensors = runner.run(1);
    REQUIRE(tensors);
    const TensorView* out = (*tensors)->find("x_out");
    REQUIRE(out);
    CHECK(values(*out) == in);
    if (place) CHECK(out->data.data() == place);
    place = out->data.data();
  }
}

TEST_CASE("whole numbers become floats") {
  const auto through = [](OnnxType type, const auto& in) {
    Runner runner(session_of(test::identity_onnx({"x", type, {1, 3, 1, 1}})), {3, 1, 1});
    put(runner.input(1, 0), in);
    const auto tensors = runner.run(1);
    REQUIRE(tensors);
    return values((*tensors)->outputs[0]);
  };
  CHECK(through(OnnxType::u8, std::vector<std::uint8_t>{0, 7, 255}) == std::vector<float>{0, 7, 255});
  CHECK(through(OnnxType::i8, std::vector<std::int8_t>{-128, 0, 127}) == std::vector<float>{-128, 0, 127});
}

TEST_CASE("what a model takes in another type is put in as bytes or floats, and comes out as floats") {
  const auto through = [](OnnxType type, const auto& in) {
    Runner runner(session_of(test::identity_onnx({"x", type, {-1, 3, 1, 1}})), {3, 1, 1});
    put(runner.input(2, 0), in);
    put(runner.input(2, 1), in);
    const auto tensors = runner.run(2);
    REQUIRE(tensors);
    const std::vector<float> out = values((*tensors)->outputs[0]);
    CHECK(std::vector<float>(out.begin(), out.begin() + 3) == std::vector<float>(out.begin() + 3, out.end()));
    return std::vector<float>(out.begin(), out.begin() + 3);
  };
  for (const OnnxType type : {OnnxType::i32, OnnxType::i64})
    CHECK(through(type, std::vector<std::uint8_t>{0, 7, 255}) == std::vector<float>{0, 7, 255});
  for (const OnnxType type : {OnnxType::f16, OnnxType::f64})
    CHECK(through(type, std::vector<float>{1, -2, 0.5F}) == std::vector<float>{1, -2, 0.5F});
}

TEST_CASE("a free batch takes as many elements as it is given, in changing numbers") {
  Runner runner(session_of(test::mean_onnx("batch", 1, 1)), {3, 1, 1});
  CHECK(runner.max_batch() == kMaxBatch);
  for (const int batch : {3, 1, 5, 3}) {
    std::vector<float> wanted;
    for (int i = 0; i < batch; ++i) {
      const auto f = static_cast<float>(i);
      put(runner.input(batch, i), std::vector<float>{f, f + 10, f + 20});
      wanted.insert(wanted.end(), {f, f + 10, f + 20});
    }
    const auto tensors = runner.run(batch);
    REQUIRE(tensors);
    CHECK((*tensors)->outputs[0].dim(0) == batch);
    CHECK(values((*tensors)->outputs[0]) == wanted);
  }
}

TEST_CASE("a batch of large inputs stays small") {
  Runner runner(session_of(test::mean_onnx("batch", 1024, 1024)), {3, 1024, 1024});
  CHECK(runner.max_batch() == 1);
}

TEST_CASE("a model with a fixed batch is given it, and only what was asked for comes back") {
  Runner runner(session_of(test::mean_onnx(4, 1, 1)), {3, 1, 1});
  CHECK(runner.max_batch() == 4);
  for (const int batch : {2, 4, 1}) {
    for (int i = 0; i < batch; ++i) put(runner.input(batch, i), std::vector<float>{static_cast<float>(i), 0, 0});
    const auto tensors = runner.run(batch);
    REQUIRE(tensors);
    CHECK((*tensors)->outputs[0].dim(0) == batch);
    CHECK((*tensors)->outputs[0].data.size() == static_cast<std::size_t>(batch) * 3);
  }
}

TEST_CASE("outputs whose size only the run tells are taken as they come") {
  const test::OnnxTensor x{"x", OnnxType::f32, {1, 3, 1, 1}}, y{"y", OnnxType::i64, {4, "found"}};
  Runner runner(session_of(test::to_onnx({{x}, {y}, {}, {{"NonZero", {"x"}, {"y"}, {}, {}}}})), {3, 1, 1});
  for (const std::size_t found : {2, 0, 3}) {
    std::vector<float> in(3, 0);
    std::fill_n(in.begin(), found, 1.0F);
    put(runner.input(1, 0), in);
    const auto tensors = runner.run(1);
    REQUIRE(tensors);
    CHECK((*tensors)->outputs[0].dim(1) == static_cast<std::int64_t>(found));
    CHECK((*tensors)->outputs[0].data.size() == 4 * found);
  }
}

TEST_CASE("a model that does not keep the shapes it declares still runs") {
  const test::OnnxTensor x{"x", OnnxType::f32, {1, 3, "h", 1}}, y{"y", OnnxType::f32, {1, 3, 7, 1}};
  auto session = Session::load(test::to_onnx({{x}, {y}, {}, {{"Identity", {"x"}, {"y"}, {}, {}}}}), "odd.onnx");
  REQUIRE(session);
  Runner runner(*session, {3, 2, 1});
  put(runner.input(1, 0), std::vector<float>{1, 2, 3, 4, 5, 6});
  for (int round = 0; round < 2; ++round) {
    const auto tensors = runner.run(1);
    REQUIRE(tensors);
    CHECK((*tensors)->outputs[0].dim(2) == 2);
    CHECK(values((*tensors)->outputs[0]) == std::vector<float>{1, 2, 3, 4, 5, 6});
  }
}

TEST_CASE("several outputs come in the model's order") {
  const test::OnnxTensor x{"x", OnnxType::f32, {1, 3, 1, 1}};
  Runner runner(session_of(test::constant_onnx(x, {{"b", {1, 2}, 5}, {"a", {1, 1, 3}, 7}})), {3, 1, 1});
  put(runner.input(1, 0), std::vector<float>{0, 0, 0});
  const auto tensors = runner.run(1);
  REQUIRE(tensors);
  REQUIRE((*tensors)->outputs.size() == 2);
  CHECK((*tensors)->outputs[0].name == "b");
  CHECK(values((*tensors)->outputs[0]) == std::vector<float>{5, 5});
  CHECK(values((*tensors)->outputs[1]) == std::vector<float>{7, 7, 7});
}
