/* Runs merged ternary networks of Tern on the CPU. For C and C++; needs the C++ runtime and threads, nothing
 * else.
 *
 *   tern_engine* engine = NULL;
 *   if (tern_engine_load_file("model.safetensors", 1, &engine) != TERN_ENGINE_OK) puts(tern_engine_error());
 *   float logits[10];
 *   tern_engine_prepare(engine, pixels, height, width, image);
 *   tern_engine_run_f32(engine, image, 1, 32, 32, logits);
 *   tern_engine_free(engine);
 *
 * tern/data/tern_images.h reads the pixels of a file.
 *
 * Images are (count, height, width, channels), rows from top to bottom, the channels of a pixel side by side:
 * red, green, blue, or one; logits are (count, classes), one row per image. Both belong to the caller.
 * Results are the same to the bit for any number of threads and of images at a time.
 *
 * The environment variable TERN_CPU (avx512, avx512bw, avx2, neon, wasm, scalar) chooses the instruction set,
 * by default the best that the CPU has.
 *
 * One thread at a time may use an engine, and another one gets TERN_ENGINE_BAD_ARGUMENT; several engines may
 * be used at once. After fork(), the child may use engines of one thread and load others anew. */
#ifndef TERN_ENGINE_H
#define TERN_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TERN_ENGINE_API __attribute__((visibility("default")))
#else
#define TERN_ENGINE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A loaded network with its threads and its memory. */
typedef struct tern_engine tern_engine;

typedef enum {
  TERN_ENGINE_OK = 0,
  TERN_ENGINE_BAD_MODEL = 1,    /* the file cannot be read or is not a merged model */
  TERN_ENGINE_BAD_ARGUMENT = 2, /* a null pointer, no images, images of another size, ... */
  TERN_ENGINE_NOT_FINITE = 3,   /* a logit is NaN or infinite, because the image holds such numbers */
  TERN_ENGINE_OUT_OF_MEMORY = 4,
  TERN_ENGINE_FAILED =
      5 /* anything else, such as a wrong value of TERN_CPU or threads that cannot be started */
} tern_engine_status;

/* What went wrong in the last call of this thread that did not return TERN_ENGINE_OK, and what to do about
 * it: a string that lasts until the thread's next such call. */
TERN_ENGINE_API const char* tern_engine_error(void);

/* Load a model that tern-merge wrote, from a file or from `size` bytes in memory, which are not needed
 * afterwards. `threads` work on a call together: 1 or more, 0 for OMP_NUM_THREADS or, where
 * that is not set, as many CPUs as the process may use (affinity, control groups).
 * *engine is NULL after a failure. */
TERN_ENGINE_API tern_engine_status tern_engine_load_file(const char* path, int threads, tern_engine** engine);
TERN_ENGINE_API tern_engine_status tern_engine_load_memory(const void* model, size_t size, int threads,
                                                           tern_engine** engine);
/* NULL does nothing. */
TERN_ENGINE_API void tern_engine_free(tern_engine* engine);

/* Of the images; tern_engine_input_size() is both height and width where they are equal, else 0. Of NULL,
 * these and tern_engine_classes() are 0. */
TERN_ENGINE_API int tern_engine_input_height(const tern_engine* engine);
TERN_ENGINE_API int tern_engine_input_width(const tern_engine* engine);
TERN_ENGINE_API int tern_engine_input_channels(const tern_engine* engine);
TERN_ENGINE_API int tern_engine_input_size(const tern_engine* engine);
/* Logits per image. */
TERN_ENGINE_API int tern_engine_classes(const tern_engine* engine);
/* The name of a class, UTF-8, which lasts as long as the engine; NULL if there is no such class or engine or
 * the file has no names. */
TERN_ENGINE_API const char* tern_engine_class_name(const tern_engine* engine, int index);

/* How the files of pictures are to be decoded for it (tern_images_options): 1 where an EXIF orientation is
 * applied, else 0; and red, green and blue of what shows behind transparent pixels. 1 and white of NULL, or
 * where the model's file does not say. */
TERN_ENGINE_API int tern_engine_exif_orientation(const tern_engine* engine);
TERN_ENGINE_API void tern_engine_background(const tern_engine* engine, uint8_t rgb[3]);

/* What tern_engine_run_f32() takes of a picture of any size: resized, cropped and normalised as the network's
 * images were for evaluation. `pixels` are (height, width, 3), red, green, blue, also for networks of one
 * channel, which get the luminance. `image` has room for (tern_engine_input_height(),
 * tern_engine_input_width(), tern_engine_input_channels()) floats. Other threads may use the engine
 * meanwhile. TERN_ENGINE_BAD_ARGUMENT if the network takes whole images of its own size alone, or the picture
 * is a strip; TERN_ENGINE_BAD_MODEL if the file does not say how. */
TERN_ENGINE_API tern_engine_status tern_engine_prepare(const tern_engine* engine, const uint8_t* pixels,
                                                       int height, int width, float* image);

/* Logits of floats that were normalised as in training, or of 8-bit images, which are normalised here. If the
 * model was merged with --stem int16, both give the same logits for floats that are normalised 8-bit pixels,
 * as those of tern_engine_prepare() are; other floats are computed as without that option, which is slower.
 * `height` and `width` must be tern_engine_input_height() and tern_engine_input_width(). */
TERN_ENGINE_API tern_engine_status tern_engine_run_f32(tern_engine* engine, const float* images, size_t count,
                                                       int height, int width, float* logits);
TERN_ENGINE_API tern_engine_status tern_engine_run_u8(tern_engine* engine, const uint8_t* images,
                                                      size_t count, int height, int width, float* logits);

#ifdef __cplusplus
}
#endif

#endif
