#include <csignal>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "support/program.hpp"
#include "support/running_program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::RunningProgram;
using perch::test::TempFolder;

namespace {

namespace fs = std::filesystem;

const std::string kTrainer = fs::path(PERCH_PROGRAM).parent_path() / "perch-train";

/// Ten grey pictures with a red square each, in COCO form. The last two are to measure with.
void write_squares(const fs::path& folder) {
  std::string images, annotations;
  for (int i = 0; i < 10; ++i) {
    perch::image::Picture picture(64, 64);
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) {
        const bool red = x >= 3 * i && x < 3 * i + 24 && y >= 2 * i && y < 2 * i + 24;
        std::uint8_t* p = picture.at(x, y);
        p[0] = red ? 220 : 100;
        p[1] = p[2] = red ? 20 : 100;
      }
    const std::string name = "p" + std::to_string(i) + ".png", comma = i > 0 ? "," : "";
    const perch::Bytes png = perch::image::encode_png(picture.view()).value();
    perch::test::write_test_file(folder / "pictures" / name, perch::as_text(png));
    images += comma + R"({"id":)" + std::to_string(i + 1) + R"(,"file_name":")" + name +
              R"(","width":64,"height":64,"attributes":{"split":")" + (i < 8 ? "train" : "validation") + "\"}}";
    annotations += comma + R"({"id":)" + std::to_string(i + 1) + R"(,"image_id":)" + std::to_string(i + 1) +
                   R"(,"category_id":1,"bbox":[)" + std::to_string(3 * i) + "," + std::to_string(2 * i) + ",24,24]}";
  }
  perch::test::write_test_file(folder / "labels.json", R"({"images":[)" + images + R"(],"annotations":[)" +
                                                           annotations +
                                                           R"(],"categories":[{"id":1,"name":"square"}]})");
  perch::test::write_test_file(folder / "dataset.toml",
                               "format = 1\nname = \"squares\"\ntask = \"detect\"\nlabels = [\"square\"]\n"
                               "pictures = \"pictures\"\nannotations = \"labels.json\"\norigin = \"a test\"\n");
}

std::vector<std::string> train_command(const TempFolder& folder, std::vector<std::string> more) {
  std::vector<std::string> command{
      PERCH_PROGRAM,     "train",   "detect",           "--data", folder / "data",    "--out", folder / "out",
      "--name",          "squares", "--threads",        "1",      "--patience",       "0",     "--set",
      "detect.width=64", "--set",   "detect.height=64", "--set",  "detect.channels=4"};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

/// perch, and those of its helpers that are named, in a folder of their own: as it is installed where there is no
/// trainer. @returns the program
std::string perch_alone(const TempFolder& folder, const std::vector<std::string>& helpers = {}) {
  const fs::path program = PERCH_PROGRAM;
  fs::create_directories(folder / "bin");
  fs::copy_file(program, folder / "bin/perch");
  for (const std::string& helper : helpers) fs::copy_file(program.parent_path() / helper, folder / "bin" / helper);
  return folder / "bin/perch";
}

}  // namespace

TEST_CASE("in a pipe a training prints a line an epoch, and what it publishes can be measured") {
  const TempFolder folder;
  write_squares(folder / "data");
  const Finished f = run_program(train_command(folder, {"--epochs", "3"}));
  CHECK_MESSAGE(f.status == 0, f.err);
  CHECK(f.out.find("squares: 8 pictures to learn from, 2 to measure with\n") != std::string::npos);
  CHECK(f.out.find("epoch 3/3  loss ") != std::string::npos);
  CHECK(f.out.find("all epochs are done after ") != std::string::npos);
  for (const char* name : {"out/squares.onnx", "out/squares.toml", "out/squares.json"})
    CHECK(fs::exists(folder / name));
  const Finished measured =
      run_program({PERCH_PROGRAM, "model", "measure", folder / "out/squares.onnx", "--data", folder / "data"});
  CHECK_MESSAGE(measured.status == 0, measured.err);
  CHECK(measured.out.find("squares on 10 pictures") == 0);
}

TEST_CASE("Ctrl-C ends a training with the best model so far") {
  const TempFolder folder;
  write_squares(folder / "data");
  RunningProgram program(train_command(folder, {"--epochs", "100000"}));
  program.wait_for("epoch 2/");
  program.signal(SIGINT);
  program.wait_for("stopped after ");
  CHECK(program.wait() == 130);
  CHECK(fs::exists(folder / "out/squares.onnx"));
}

TEST_CASE("a training that was killed goes on after its last checkpoint") {
  const TempFolder folder;
  write_squares(folder / "data");
  {
    REQUIRE(run_program(train_command(folder, {"--epochs", "1"})).status == 0);  // writes the job
    const fs::path job = folder / "out/squares.training/job.toml";
    std::string text(perch::as_text(perch::read_file(job).value()));
    text.replace(text.find("epochs = 1"), 10, "epochs = 100000");
    perch::test::write_test_file(job, text);
    RunningProgram program({kTrainer, job.string(), "--resume"});
    program.wait_for(R"("event":"epoch","epoch":3)");
    program.kill();
  }
  const Finished f = run_program(train_command(folder, {"--epochs", "4", "--resume"}));
  CHECK_MESSAGE((f.status == 0), f.err);
  CHECK(f.out.find("epoch 2/") == std::string::npos);
}

TEST_CASE(
    "folders of pictures, a class each, become a classifier on another model's features, and perch run uses it, "
    "in 8 bits too, which are made of it where there is no trainer") {
  const TempFolder folder;
  for (int i = 0; i < 12; ++i) {
    perch::image::Picture picture(64, 48);
    for (int y = 0; y < 48; ++y)
      for (int x = 0; x < 64; ++x)
        for (int c = 0; c < 3; ++c)
          picture.at(x, y)[c] =
              static_cast<std::uint8_t>(i % 2 == 0 ? (x * (i + 1) + y * (12 - i)) / 6 : (x / (4 + i)) % 2 * 200);
    const perch::Bytes png = perch::image::encode_png(picture.view()).value();
    const std::string name = (i % 2 == 0 ? "smooth/" : "striped/") + std::to_string(i) + ".png";
    perch::test::write_test_file(folder / "photos" / name, perch::as_text(png));
  }
  const Finished imported =
      run_program({PERCH_PROGRAM, "dataset", "import", "folders", folder / "photos", "--out", folder / "data"});
  REQUIRE_MESSAGE(imported.status == 0, imported.err);
  const Finished trained =
      run_program({PERCH_PROGRAM, "train", "classify", "--data", folder / "data", "--out", folder / "out", "--name",
                   "weave", "--backbone", PERCH_SOURCE_DIR "/models/room-people.onnx", "--epochs", "10"});
  CHECK_MESSAGE(trained.status == 0, trained.err);
  const Finished quantised = run_program({perch_alone(folder, {"perch-quantise"}), "model", "quantise",
                                          folder / "out/weave.onnx", "--data", folder / "data"});
  CHECK_MESSAGE(quantised.status == 0, quantised.err);
  for (const char* model : {"out/weave.onnx", "out/weave-int8.onnx"}) {
    const Finished seen =
        run_program({PERCH_PROGRAM, "run", "--model", folder / model, folder / "photos/striped/3.png"});
    CHECK_MESSAGE(seen.status == 0, seen.err);
    CHECK_MESSAGE(seen.out.find("striped") != std::string::npos, seen.out);
  }
}

TEST_CASE("options that nobody knows end with the status that the help states, of helpers' own commands too") {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"model", "quantise"}, {"model", "quantise", "x", "--colour"}, {"train", "--colour"}}) {
    std::vector<std::string> whole{PERCH_PROGRAM};
    whole.insert(whole.end(), command.begin(), command.end());
    CHECK(run_program(whole).status == 2);
  }
  CHECK(run_program({PERCH_PROGRAM, "model", "quantise", "--help"}).status == 0);
}

TEST_CASE("where the program that makes 8-bit models is missing, that is said with its path and what to do") {
  const TempFolder folder;
  const Finished f = run_program({perch_alone(folder), "model", "quantise", "lot-cars", "--pictures", folder / "none"});
  CHECK(f.status == 2);
  CHECK(f.err.find("bin/perch-quantise: cannot be started: No such file or directory; install it beside perch") !=
        std::string::npos);
}

TEST_CASE(
    "the trainer is started with OpenMP told to sleep, so that it need not start itself anew, unless told otherwise") {
  const TempFolder folder;
  const std::string perch = perch_alone(folder);
  write_squares(folder / "data");
  perch::test::write_test_file(folder / "bin/perch-train", "#!/bin/sh\necho \"$OMP_WAIT_POLICY\"\n");
  fs::permissions(folder / "bin/perch-train", fs::perms::owner_all);
  const std::vector<std::string> train{perch, "train", "detect", "--data", folder / "data", "--out", folder / "out"};
  std::vector<std::string> by_itself{"/usr/bin/env", "-u", "OMP_WAIT_POLICY"};
  by_itself.insert(by_itself.end(), train.begin(), train.end());
  CHECK(run_program(by_itself).out == "passive\n");
  std::vector<std::string> told{"/usr/bin/env", "OMP_WAIT_POLICY=active"};
  told.insert(told.end(), train.begin(), train.end());
  CHECK(run_program(told).out == "active\n");
}

TEST_CASE("a training that ends before anything is learned leaves no folder, unless it was there or has a checkpoint") {
  const TempFolder folder;
  const std::string perch = perch_alone(folder);
  write_squares(folder / "data");
  const auto train = [&](std::string_view trainer) {
    perch::test::write_test_file(folder / "bin/perch-train", "#!/bin/sh\n" + std::string(trainer) + "\nexit 2\n");
    fs::permissions(folder / "bin/perch-train", fs::perms::owner_all);
    const Finished f = run_program({perch, "train", "detect", "--data", folder / "data", "--out", folder / "out"});
    CHECK(f.status == 2);
    return f.err;
  };
  train("test -f \"$1\" && echo \"$1\" > " + std::string(folder / "job"));
  CHECK(fs::exists(folder / "job"));  // it was told its job, in a file that was there
  CHECK_FALSE(fs::exists(folder / "out/detect.training"));
  CHECK(train("kill -9 $$").find("had learned nothing yet; run the same command again") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "out/detect.training"));
  const std::string killed = train("touch \"$(dirname \"$1\")/checkpoint\"; kill -9 $$");
  CHECK(killed.find("with --resume: the last checkpoint is kept") != std::string::npos);
  CHECK(fs::exists(folder / "out/detect.training/checkpoint"));
  fs::remove(folder / "out/detect.training/checkpoint");
  train("true");
  CHECK(fs::exists(folder / "out/detect.training"));
}

TEST_CASE("what can be trained, a mistyped kind and a folder that is no data set are told without the trainer") {
  const TempFolder folder;
  const std::string perch = perch_alone(folder);
  const Finished list = run_program({perch, "train", "--list"});
  CHECK(list.status == 0);
  CHECK(list.out.find("\ndetect: finds things and their boxes\n") != std::string::npos);
  const Finished kind = run_program({perch, "train", "detekt", "--data", folder / "none", "--out", folder / "out"});
  CHECK(kind.status == 2);
  CHECK(kind.err == "perch train: kind: there is no trainer 'detekt'; did you mean 'detect'?\n");
  const Finished data = run_program({perch, "train", "detect", "--data", folder / "none", "--out", folder / "out"});
  CHECK(data.status == 2);
  CHECK(data.err.find("none: no data set: there is no dataset.toml; perch dataset import") != std::string::npos);
  write_squares(folder / "data");
  const Finished alone = run_program({perch, "train", "detect", "--data", folder / "data", "--out", folder / "out"});
  CHECK(alone.status == 2);
  CHECK(alone.err.find("bin/perch-train: the trainer is not there; install it beside perch") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "out"));
}

TEST_CASE("a mistyped kind in a job that was written by hand is told by the trainer") {
  const TempFolder folder;
  perch::test::write_test_file(folder / "job.toml", "kind = 'detekt'\ndata = 'd'\nout = 'o'\n");
  const Finished f = run_program({kTrainer, folder / "job.toml"});
  CHECK(f.status == 2);
  CHECK(f.out.find("there is no trainer 'detekt'; did you mean 'detect'?") != std::string::npos);
}

TEST_CASE("what cannot be trained is said in a line, and nothing is left behind") {
  const TempFolder folder;
  write_squares(folder / "data");
  const Finished setting = run_program(train_command(folder, {"--set", "detect.widht=64"}));
  CHECK(setting.status == 2);
  CHECK(setting.err == "perch train: --set: detect.widht: unknown key; did you mean 'width'?\n");
  const Finished range = run_program(train_command(folder, {"--set", "detect.width=999999"}));
  CHECK(range.err == "perch train: --set: detect.width: is 999999, but must be between 64 and 1280\n");
  const Finished both = run_program(train_command(folder, {"--set", "detect.widht=64", "--set", "detect.batch=0"}));
  CHECK(both.err ==
        "perch train: --set: 2 errors\n  --set: detect.batch: is 0, but must be between 2 and 128\n  --set: "
        "detect.widht: unknown key; did you mean 'width'?\n");
  for (const std::vector<std::string>& others :
       {std::vector<std::string>{"--set", "digits.towers=4"}, {"--backbone", "lot-cars"}}) {
    const Finished other = run_program(train_command(folder, others));
    CHECK(other.status == 2);
    CHECK(other.err.find(", and 'detect' is trained; leave it out") != std::string::npos);
  }
  CHECK_FALSE(fs::exists(folder / "out/squares.onnx"));
}
