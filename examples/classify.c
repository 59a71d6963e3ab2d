/* Classifies a picture with a merged network, from C:
 *
 *   classify MODEL PICTURE.jpg
 *
 * To compile it against the installed libraries:
 *
 *   cc classify.c $(pkg-config --cflags --libs tern-engine tern-images) -o classify
 */
#include <stdio.h>
#include <stdlib.h>

#include "tern/data/tern_images.h"
#include "tern/models/engine/tern_engine.h"

static int fail(const char* message) {
  fprintf(stderr, "classify: error: %s\n", message);
  return 1;
}

static int classify(tern_engine* engine, const tern_picture* picture) {
  const int height = tern_engine_input_height(engine), width = tern_engine_input_width(engine);
  const int channels = tern_engine_input_channels(engine), classes = tern_engine_classes(engine);
  float* image = malloc((size_t)height * (size_t)width * (size_t)channels * sizeof *image);
  float* logits = malloc((size_t)classes * sizeof *logits);
  int result = 0;
  if (image == NULL || logits == NULL) {
    result = fail("out of memory");
  } else if (tern_engine_prepare(engine, picture->pixels, picture->height, picture->width, image) !=
                 TERN_ENGINE_OK ||
             tern_engine_run_f32(engine, image, 1, height, width, logits) != TERN_ENGINE_OK) {
    result = fail(tern_engine_error());
  } else {
    int best = 0;
    for (int i = 1; i < classes; ++i) best = logits[i] > logits[best] ? i : best;
    const char* name = tern_engine_class_name(engine, best);
    printf("%d %s %.6g\n", best, name != NULL ? name : "?", (double)logits[best]);
  }
  free(logits);
  free(image);
  return result;
}

int main(int argc, char** argv) {
  tern_engine* engine = NULL;
  tern_images_options options;
  tern_picture picture;
  int result = 0;
  if (argc != 3) return fail("usage: classify MODEL PICTURE.jpg");
  if (tern_engine_load_file(argv[1], 1, &engine) != TERN_ENGINE_OK) return fail(tern_engine_error());
  options.exif_orientation = tern_engine_exif_orientation(engine);
  tern_engine_background(engine, options.background);
  if (tern_images_read_file(argv[2], &options, &picture) == TERN_IMAGES_OK) {
    result = classify(engine, &picture);
    tern_images_free(&picture);
  } else {
    result = fail(tern_images_error());
  }
  tern_engine_free(engine);
  return result;
}
