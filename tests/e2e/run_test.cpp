#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "image/codec.hpp"
#include "support/clip_files.hpp"
#include "support/looks.hpp"
#include "support/program.hpp"
#include "support/rtsp_server.hpp"
#include "support/test_server.hpp"
#include "support/tiny_onnx.hpp"
#include "support/tls_identity.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::says;
using perch::test::TempFolder;
using perch::test::write_test_file;

namespace {

Finished perch_run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {PERCH_PROGRAM, "run"});
  return run_program(arguments);
}

/// A small model in a folder. @return its file
std::string means_model(const TempFolder& folder) {
  write_test_file(folder / "means.onnx", perch::as_text(perch::test::mean_onnx(1, 8, 8)));
  write_test_file(folder / "means.toml",
                  "name = 'means'\ntask = 'classify'\nlabels = ['red', 'green', 'blue']\n"
                  "decoder = { kind = 'classify' }\n");
  return (folder / "means.onnx").string();
}

/// Runs a program that permissions bind, as they do the superuser once he gives up what lets him pass over them.
Finished run_bound(std::vector<std::string> command) {
  if (::geteuid() == 0) command.insert(command.begin(), {"setpriv", "--bounding-set=-dac_override,-dac_read_search"});
  return run_program(command);
}

void write_png(const std::filesystem::path& path) {
  write_test_file(path, perch::as_text(perch::image::encode_png(perch::image::Picture(8, 8).view()).value()));
}

}  // namespace

TEST_CASE("a model that nobody knows is refused before any picture is looked at") {
  const Finished f = perch_run({"--model", "yolox-nanoo", "/nowhere"});
  CHECK(f.status == 2);
  CHECK(f.out.empty());
  CHECK(says(f.err, "yolox-nanoo"));
}

TEST_CASE("a model that comes with the project is found by its name from any folder") {
  const TempFolder folder;
  write_test_file(folder / "no.jpg", "no picture");
  const Finished f =
      run_program({"env", "-C", folder.path().string(), PERCH_PROGRAM, "run", "--model", "roller-digits", "no.jpg"});
  CHECK(f.status == 1);
  CHECK(says(f.err + f.out, "no.jpg"));
  CHECK_FALSE(says(f.err, "roller-digits"));
}

TEST_CASE("a damaged picture is left out of a comparison of models, which names it and goes on") {
  const TempFolder folder;
  const std::string model = means_model(folder), pictures = (folder / "pictures").string();
  const perch::Bytes png = perch::image::encode_png(perch::image::Picture(8, 8).view()).value();
  write_test_file(folder / "pictures/sound.png", perch::as_text(png));
  const auto compare = [&] {
    return run_program({PERCH_PROGRAM, "model", "compare", model, model, "--pictures", pictures});
  };
  CHECK(compare().status == 0);
  write_test_file(folder / "pictures/cut.png", perch::as_text(png).substr(0, png.size() / 2));
  const Finished one_left = compare();
  CHECK(one_left.status == 1);
  CHECK(says(one_left.err, "perch model compare: left out: " + pictures + "/cut.png: "));
  CHECK(says(one_left.out, "on 1 picture.\n"));
  std::filesystem::remove(folder / "pictures/sound.png");
  const Finished none_left = compare();
  CHECK(none_left.status == 2);
  CHECK(says(none_left.err, "none of the pictures can be read and decoded"));
}

TEST_CASE("a picture that may not be read is left out of a comparison of models, which names it and goes on") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  write_png(folder / "pictures/sound.png");
  write_png(folder / "pictures/locked.png");
  std::filesystem::permissions(folder / "pictures/locked.png", std::filesystem::perms::none);
  const Finished f =
      run_bound({PERCH_PROGRAM, "model", "compare", model, model, "--pictures", (folder / "pictures").string()});
  CHECK(f.status == 1);
  CHECK(says(f.err, "left out: " + (folder / "pictures/locked.png").string() + ": cannot open: Permission denied"));
  CHECK(says(f.out, "on 1 picture.\n"));
}

TEST_CASE("a file that is no ONNX model is refused with its name") {
  const TempFolder folder;
  write_test_file(folder / "cat.onnx", "<html>not found</html>");
  const Finished f = perch_run({"--model", (folder / "cat.onnx").string(), folder.path().string()});
  CHECK(f.status == 2);
  CHECK(says(f.err, "cat.onnx"));
  CHECK(says(f.err, "ONNX"));
}

TEST_CASE("a mistyped option is refused with a word on what to do") {
  const Finished f = perch_run({"--modle", "x", "y"});
  CHECK(f.status == 2);
  CHECK_FALSE(f.err.empty());
}

TEST_CASE("an option that may be given several times takes one value each time, and the pictures stay pictures") {
  const TempFolder folder;
  means_model(folder);
  for (const char* name : {"a.png", "b.png", "c.png"}) write_png(folder / "in" / name);
  const auto picture = [&](const char* name) { return (folder / "in" / name).string(); };
  const Finished f = perch_run({"--model", "means", "--models", folder.path().string(), picture("a.png"),
                                picture("b.png"), picture("c.png"), "--json"});
  CHECK(f.status == 0);
  CHECK(std::ranges::count(f.out, '\n') == 3);
}

TEST_CASE("regions are found by a detector, and by no other model") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  write_png(folder / "a.png");
  const Finished f = perch_run({"--model", model, "--regions", model, (folder / "a.png").string()});
  CHECK(f.status == 2);
  CHECK(says(f.err, "the model means is for 'classify' and finds no boxes to look into"));
}

TEST_CASE("what may not be read is said, and the rest is looked at") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  write_png(folder / "in/a.png");
  write_png(folder / "in/locked/b.png");
  std::filesystem::permissions(folder / "in/locked", std::filesystem::perms::none);
  const auto perch_run_bound = [&](const std::filesystem::path& input) {
    return run_bound({PERCH_PROGRAM, "run", "--model", model, "--json", input.string()});
  };
  const Finished f = perch_run_bound(folder / "in");
  const Finished file = perch_run_bound(folder / "in/locked/b.png");
  std::filesystem::permissions(folder / "in/locked", std::filesystem::perms::owner_all);
  CHECK(f.status == 1);
  CHECK(std::ranges::count(f.out, '\n') == 2);
  CHECK(says(f.out, "in/locked\",\"error\":\"cannot read the folder: Permission denied; check its permissions"));
  CHECK(file.status == 1);
  CHECK(says(file.out, "may not be read"));
}

TEST_CASE("a duration that is none is refused with the forms that are") {
  const Finished f = perch_run({"--model", "x", "--every", "often", "y"});
  CHECK(f.status == 2);
  CHECK(says(f.err, "--every"));
  CHECK(says(f.err, "200ms"));
}

TEST_CASE("a model in °C reads recordings of temperatures, a line a grid, and refuses pictures") {
  const TempFolder folder;
  const perch::Bytes onnx = perch::test::constant_onnx({"frames", perch::test::OnnxType::f32, {1, 1, 2, 3}},
                                                       {{"score", {1, 1}, 6}, {"map", {1, 1, 2, 3}, 2}});
  write_test_file(folder / "m.onnx", perch::as_text(onnx));
  write_test_file(folder / "m.toml",
                  "name = \"m\"\ntask = \"anomaly\"\ninput = { colour = \"celsius\" }\n"
                  "decoder = { kind = \"anomaly\", threshold = 4 }\n");
  const std::vector<float> grids(2 * 6, 21.5F);
  write_test_file(folder / "in/a.raw", {reinterpret_cast<const char*>(grids.data()), grids.size() * sizeof(float)});
  const std::string model = (folder / "m.onnx").string();

  const Finished f = perch_run({"--model", model, "--grid", "3x2", "--json", (folder / "in").string()});
  CHECK(f.status == 0);
  CHECK(std::ranges::count(f.out, '\n') == 2);
  CHECK(says(f.out, "\"frame\":1,\"width\":3,\"height\":2"));
  CHECK(says(f.out, "\"numbers\":[{\"name\":\"score\",\"value\":1.5}]"));
  CHECK(says(f.out, "\"values\":[0.5,0.5,0.5,0.5,0.5,0.5],\"corners\":[0,0,3,0,3,2,0,2]"));

  const Finished torn = perch_run({"--model", model, "--grid", "4x2", (folder / "in").string()});
  CHECK(torn.status == 1);
  CHECK(says(torn.err, "ends within grid 2: 16 of 32 bytes"));
  CHECK(perch_run({"--model", model, "--grid", "3by2", (folder / "in").string()}).status == 2);

  write_png(folder / "p.png");
  const Finished picture = perch_run({"--model", model, "--grid", "3x2", (folder / "p.png").string()});
  CHECK(picture.status == 1);
  CHECK(says(picture.err, "looks at temperatures, but the frame is a picture"));
}

TEST_CASE("frames of a clip that are damaged are counted, and the others keep their numbers") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  const std::filesystem::path clip = folder / "a.avi";
  perch::test::write_jpeg_clip(clip, 6, 10);
  perch::test::damage_jpeg_clip(clip, 2);

  const Finished f = perch_run({"--model", model, "--json", clip.string()});
  CHECK(f.status == 1);
  CHECK(std::ranges::count(f.out, '\n') == 6);
  for (const int frame : {0, 1, 3, 4, 5}) CHECK(says(f.out, fmt::format("\"frame\":{},", frame)));
  CHECK(says(f.out, "\"error\":\"1 of its frames damaged and left out"));
}

TEST_CASE("what was seen but cannot be printed is an error, not a job well done") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  for (int i = 0; i < 40; ++i) write_png(folder / fmt::format("in/{}.png", i));
  const std::string pictures = (folder / "in").string();
  const std::vector<std::vector<std::string>> commands{{"run", "--model", model, "--json", pictures},
                                                       {"run", "--model", model, pictures},
                                                       {"model", "inspect", model},
                                                       {"check", "--schema"},
                                                       {"run", "--help"},
                                                       {"--version"}};
  for (const std::vector<std::string>& arguments : commands) {
    // Where nothing can be written, and where there is nothing to write to.
    const char* place = &arguments == &commands.back() ? "&-" : "/dev/full";
    std::vector<std::string> command{"sh", "-c", fmt::format("exec \"$@\" >{}", place), "sh", PERCH_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Finished f = run_program(command);
    CAPTURE(f.err);
    CHECK(f.status == 2);
    CHECK(says(f.err, "standard output: cannot write"));
    CHECK(f.err.find("standard output") == f.err.rfind("standard output"));
  }
}

TEST_CASE("annotated pictures never replace what is looked at, nor one another") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  write_test_file(folder / "in/a.jpg", perch::as_text(perch::test::jpeg_file(16, 16)));
  const Finished onto = perch_run({"--model", model, "--annotate", (folder / "in").string(), (folder / "in").string()});
  CHECK(onto.status == 1);
  CHECK(says(onto.err, "would replace a picture that is looked at"));
  CHECK(perch::read_file(folder / "in/a.jpg").value() == perch::test::jpeg_file(16, 16));

  write_png(folder / "in/a.png");
  write_png(folder / "in/a-2.png");
  write_png(folder / "other/a.png");
  const Finished apart = perch_run({"--model", model, "--annotate", (folder / "out").string(), (folder / "in").string(),
                                    (folder / "other").string()});
  CHECK(apart.status == 0);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "out"))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"a-2.jpg", "a-3.jpg", "a-4.jpg", "a.jpg"});

  write_png(folder / "frames/b-000001.png");  // as the clip's second frame
  perch::test::write_jpeg_clip(folder / "b.avi", 2, 10);
  const Finished frames = perch_run({"--model", model, "--annotate", (folder / "clip").string(),
                                     (folder / "frames").string(), (folder / "b.avi").string()});
  CHECK(frames.status == 0);
  for (const char* name : {"b-000000.jpg", "b-000001.jpg", "b-000001-2.jpg"}) CHECK(exists(folder / "clip" / name));
}

TEST_CASE("what is found does not depend on whether pictures are annotated, and those have their full size") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  perch::image::Picture stripes(640, 480);  // which a model of 8 × 8 px sees otherwise in a reduced picture
  for (int y = 0; y < stripes.height(); ++y)
    for (int x = 0; x < stripes.width(); ++x) std::fill_n(stripes.at(x, y), 3, x % 5 == 0 ? 250 : 10);
  const std::filesystem::path file = folder / "a.jpg";
  write_test_file(file, perch::as_text(perch::image::encode_jpeg(stripes.view()).value()));
  const Finished plain = perch_run({"--model", model, "--json", file.string()});
  const Finished annotated =
      perch_run({"--model", model, "--json", "--annotate", (folder / "seen").string(), file.string()});
  const auto scores = [](const Finished& f) { return f.out.substr(std::min(f.out.find("\"scores\""), f.out.size())); };
  CHECK(plain.status == 0);
  CHECK(says(plain.out, "\"scores\":{"));
  CHECK(scores(annotated) == scores(plain));
  const perch::Bytes seen = perch::read_file(folder / "seen/a.jpg").value();
  CHECK(perch::image::probe(seen).value().size == stripes.size());
}

TEST_CASE("one picture is taken of a camera's address: a snapshot, an MJPEG stream, an RTSP stream") {
  const TempFolder folder;
  const std::string model = means_model(folder);
  const std::string jpeg(perch::as_text(perch::test::jpeg_file(48, 32)));
  const perch::test::TestServer web([&](perch::test::Connection& c, const std::string& head) {
    if (!says(head, "/mjpeg")) return c.respond(200, "image/jpeg", jpeg);
    c.send("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n");
    while (c.send("--b\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg + "\r\n")) {
    }
    return false;
  });
  const perch::test::RtspServer rtsp;
  const Finished f = perch_run({"--model", model, "--json", "--annotate", (folder / "seen").string(),
                                web.url("/snapshot.jpg"), web.url("/mjpeg"), rtsp.url()});
  CAPTURE(f.out);
  CHECK(f.status == 0);
  CHECK(std::ranges::count(f.out, '\n') == 3);
  for (const char* size : {"snapshot.jpg\",\"width\":48,\"height\":32", "mjpeg\",\"width\":48,\"height\":32",
                           "live\",\"width\":320,\"height\":240"})
    CHECK(says(f.out, size));
  for (const char* name : {"snapshot.jpg", "mjpeg.jpg", "live.jpg"}) CHECK(exists(folder / "seen" / name));

  const perch::test::TlsIdentity identity;
  const perch::test::TestServer signs_itself(
      [&](perch::test::Connection& c, const std::string&) { return c.respond(200, "image/jpeg", jpeg); }, identity);
  identity.write_certificate(folder / "camera.pem");
  const Finished refused = perch_run({"--model", model, signs_itself.url("/a.jpg")});
  CHECK(refused.status == 1);
  CHECK(says(refused.err, "its certificate is not trusted"));
  CHECK(
      perch_run({"--model", model, "--ca-file", (folder / "camera.pem").string(), signs_itself.url("/a.jpg")}).status ==
      0);
  CHECK(perch_run({"--model", model, "--pinned-key", identity.pin(), signs_itself.url("/a.jpg")}).status == 0);

  const std::string nothing = fmt::format("rtsp://u:p@127.0.0.1:{}/nothing", rtsp.port());
  const Finished none = perch_run({"--model", model, nothing, "ftp://127.0.0.1/a.jpg"});
  CHECK(none.status == 1);
  CHECK(says(none.err, nothing + ": answered 404"));  // the address once
  CHECK(says(none.err, "neither an http(s) nor an rtsp address"));
}
