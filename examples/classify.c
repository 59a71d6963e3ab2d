/* Classifies a picture with a merged network, from C:
 *
 *   classify MODEL PICTURE.ppm
 *
 * The picture is a binary PPM (P6, 255) of the network's input size; for a network of one channel a PGM (P5).
 * To compile it against the installed library:
 *
 *   cc classify.c $(pkg-config --cflags --libs tern-engine) -o classify
 */
#include <stdio.h>
#include <stdlib.h>

#include "tern/models/engine/tern_engine.h"

static int fail(const char* message) {
  fprintf(stderr, "classify: error: %s\n", message);
  return 1;
}

/* The pixels of a PPM or PGM file of size x size pixels, to be freed by the caller; NULL if it is none. */
static uint8_t* read_picture(const char* path, int size, int channels) {
  const size_t bytes = (size_t)size * (size_t)size * (size_t)channels;
  const int format = channels == 1 ? 5 : 6; /* grey; red, green, blue */
  uint8_t* pixels = malloc(bytes);
  FILE* file = fopen(path, "rb");
  int found = 0, width = 0, height = 0, largest = 0;
  const int good = pixels != NULL && file != NULL &&
                   fscanf(file, "P%d %d %d %d", &found, &width, &height, &largest) == 4 &&
                   fgetc(file) != EOF && found == format && (channels == 1 || channels == 3) &&
                   width == size && height == size && largest == 255 &&
                   fread(pixels, 1, bytes, file) == bytes;
  if (file != NULL) fclose(file);
  if (good) return pixels;
  free(pixels);
  return NULL;
}

static int classify(tern_engine* engine, const char* path) {
  const int size = tern_engine_input_size(engine), classes = tern_engine_classes(engine);
  uint8_t* pixels = read_picture(path, size, tern_engine_input_channels(engine));
  float* logits = malloc((size_t)classes * sizeof *logits);
  int result = 0;
  if (pixels == NULL || logits == NULL) {
    result = fail(
        "the picture is not a P6 file (P5 for one channel) of 8-bit values and the network's input size");
  } else if (tern_engine_run_u8(engine, pixels, 1, size, size, logits) != TERN_ENGINE_OK) {
    result = fail(tern_engine_error());
  } else {
    int best = 0;
    for (int i = 1; i < classes; ++i) best = logits[i] > logits[best] ? i : best;
    const char* name = tern_engine_class_name(engine, best);
    printf("%d %s %.6g\n", best, name != NULL ? name : "?", (double)logits[best]);
  }
  free(logits);
  free(pixels);
  return result;
}

int main(int argc, char** argv) {
  tern_engine* engine = NULL;
  if (argc != 3) return fail("usage: classify MODEL PICTURE.ppm");
  if (tern_engine_load_file(argv[1], 1, &engine) != TERN_ENGINE_OK) return fail(tern_engine_error());
  const int result = classify(engine, argv[2]);
  tern_engine_free(engine);
  return result;
}
