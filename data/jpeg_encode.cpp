#include <cstdlib>

#include "tern/core/error.h"
#include "tern/data/jpeg.h"
#include "tern/data/jpeg_error_impl.h"

namespace tern {
namespace {

// A stream that collects what libjpeg writes; freed whichever way the encoder is left.
class MemoryStream {
 public:
  MemoryStream() : file_(open_memstream(&data_, &size_)) {
    require<Error>(file_ != nullptr, "encode_jpeg: out of memory");
  }
  ~MemoryStream() {
    std::fclose(file_);
    std::free(data_);
  }
  MemoryStream(const MemoryStream&) = delete;
  MemoryStream& operator=(const MemoryStream&) = delete;

  std::FILE* file() { return file_; }
  std::vector<std::uint8_t> bytes() {
    require<Error>(std::fflush(file_) == 0, "encode_jpeg: out of memory");
    return {data_, data_ + size_};
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

struct Compressor {
  jpeg_compress_struct info{};
  ~Compressor() { jpeg_destroy_compress(&info); }
};

void configure(jpeg_compress_struct& info, const Image& image, int quality, ChromaSubsampling subsampling) {
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  // Of luma; of chroma they are 1.
  info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor =
      subsampling == ChromaSubsampling::none ? 1 : 2;
}

void check_arguments(const Image& image, int quality) {
  static_assert(kMaxJpegSide == JPEG_MAX_DIMENSION);
  require<ShapeError>(
      image.height > 0 && image.width > 0 && image.height <= kMaxJpegSide && image.width <= kMaxJpegSide,
      "encode_jpeg: the image is {} x {} pixels; each side must be 1 to {}", image.height, image.width,
      kMaxJpegSide);
  const std::size_t expected = std::size_t{3} * image.height * image.width;
  require<ShapeError>(image.pixels.size() == expected,
                      "encode_jpeg: an RGB image of {} x {} pixels has {} bytes, not {}", image.height,
                      image.width, expected, image.pixels.size());
  require<ShapeError>(quality >= 1 && quality <= 100, "encode_jpeg: quality is {}, must be 1 to 100",
                      quality);
}

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality, ChromaSubsampling subsampling) {
  check_arguments(image, quality);
  MemoryStream stream;
  JpegErrorManager errors;
  Compressor compressor;
  jpeg_compress_struct& info = compressor.info;
  info.err = errors.base();
  const bool done = errors.run([&] {
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, stream.file());
    configure(info, image, quality, subsampling);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
      const std::size_t offset = std::size_t{3} * info.next_scanline * info.image_width;
      // libjpeg's row type lacks a const; it reads only.
      JSAMPROW row = const_cast<JSAMPROW>(image.pixels.data() + offset);
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
  });
  require<Error>(done, "encode_jpeg: {}", errors.message());
  return stream.bytes();
}

}  // namespace tern
