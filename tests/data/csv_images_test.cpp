#include "tern/data/csv_images.h"

#include "tern/data/jpeg.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

using Catch::Contains;
using test::data_error_of;
using test::TemporaryDirectory;

std::vector<std::uint8_t> jpeg_of(int height, int width) {
  const auto bytes = static_cast<std::size_t>(3 * height * width);
  return encode_jpeg(Image{height, width, std::vector<std::uint8_t>(bytes, 128)}, 90);
}

TEST_CASE("csv images: paths and labels by the names of their columns") {
  const TemporaryDirectory folder;
  folder.write("images/1.jpg", jpeg_of(2, 3));
  const auto elsewhere = folder.write("2.jpg", jpeg_of(4, 5));
  const auto file = folder.write(
      "train.csv", "id,label,path\n7,dog,images/1.jpg\n8,\"cat, small\"," + elsewhere.string() + "\n");
  const CsvImages images(file);
  CHECK(images.class_names() == std::vector<std::string>{"cat, small", "dog"});
  REQUIRE(images.size() == 2);
  CHECK(images.label_of(0) == 1);
  CHECK(images.load(0).image.width == 3);
  CHECK(images.load(1).label == 0);
  CHECK(images.extents_of(1)->height == 4);
  CHECK(images.name_of(0) == (folder.path() / "images/1.jpg").string());
  CHECK(images.name_of(1) == elsewhere.string());
  CHECK_THROWS_AS(images.load(2), ShapeError);
  CHECK(CsvImages(file, {"path", "id"}).class_names() == std::vector<std::string>{"7", "8"});
}

TEST_CASE("csv images: what is wrong is named by file and line") {
  const TemporaryDirectory folder;
  const auto refusal = [&](const std::string& text) {
    return data_error_of([&] { CsvImages{folder.write("t.csv", text)}; });
  };
  CHECK_THAT(data_error_of([&] { CsvImages{folder / "none.csv"}; }), Contains("none.csv: no such file"));
  CHECK_THAT(data_error_of([&] { CsvImages{folder.path()}; }), Contains("is a folder, expected a file"));
  CHECK_THAT(refusal("path,label\n"), Contains("t.csv: expected a line that names the columns and a line"));
  CHECK_THAT(refusal("1.jpg,cat\n2.jpg,dog\n"),
             Contains("t.csv:1: the first line should name the columns, but there is no \"path\"") &&
                 Contains("1.jpg, cat"));
  CHECK_THAT(refusal("path,label\n1.jpg,cat\n2.jpg\n"), Contains("t.csv:3: 1 fields, but there are 2"));
  CHECK_THAT(refusal("path,label\n,cat\n"), Contains("t.csv:2: the path is empty"));
  CHECK_THAT(refusal("path,label\n1.jpg,\n"), Contains("t.csv:2: the label is empty"));
  CHECK_THAT(refusal("path,label\n1.jpg,gr\xf8n\n"),
             Contains("t.csv:2: the label \"gr\xef\xbf\xbdn\" is not UTF-8"));
  CHECK_THAT(refusal("path,label\n\"1.jpg,cat\n"), Contains("t.csv:2: a quote that is not closed"));
}

TEST_CASE("csv images: an image that is not there shows when it is looked at") {
  const TemporaryDirectory folder;
  const CsvImages images(folder.write("t.csv", "path,label\n1.jpg,cat\n"));
  CHECK_THAT(data_error_of([&] { images.extents_of(0); }), Contains("1.jpg: no such file"));
  CHECK_THAT(data_error_of([&] { images.load(0); }), Contains("1.jpg: no such file"));
}

}  // namespace
}  // namespace tern
