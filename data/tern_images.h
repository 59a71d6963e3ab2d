/* Reads the pixels of picture files (JPEG, PNG, WebP), for tern_engine_prepare(). For C and C++;
 * libtern_images.
 *
 *   tern_picture picture;
 *   if (tern_images_read_file("cat.jpg", NULL, &picture) != TERN_IMAGES_OK) puts(tern_images_error());
 *   tern_engine_prepare(engine, picture.pixels, picture.height, picture.width, image);
 *   tern_images_free(&picture);
 *
 * Pixels are those of training. Any number of threads may do this at once. */
#ifndef TERN_IMAGES_H
#define TERN_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TERN_IMAGES_API __attribute__((visibility("default")))
#else
#define TERN_IMAGES_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* 8-bit RGB, (height, width, 3), rows from top to bottom. */
typedef struct tern_picture {
  int height;
  int width;
  uint8_t* pixels;
} tern_picture;

/* How pictures become pixels, which a network's training decided: tern_engine_exif_orientation(),
 * tern_engine_background(). */
typedef struct tern_images_options {
  int exif_orientation;  /* 1: turned as the EXIF orientation says; 0: as stored */
  uint8_t background[3]; /* red, green and blue behind transparent pixels */
} tern_images_options;

typedef enum {
  TERN_IMAGES_OK = 0,
  TERN_IMAGES_BAD_PICTURE = 1,  /* cannot be read, is damaged or of another format, has too many pixels */
  TERN_IMAGES_BAD_ARGUMENT = 2, /* a null pointer */
  TERN_IMAGES_OUT_OF_MEMORY = 3,
  TERN_IMAGES_FAILED = 4 /* anything else, such as too many open files */
} tern_images_status;

/* What went wrong in the last call of this thread that did not return TERN_IMAGES_OK: a string that lasts
 * until the thread's next such call. */
TERN_IMAGES_API const char* tern_images_error(void);

/* Decodes a file, or `size` bytes in memory. `options` may be NULL: turned, on white. After a failure
 * picture->pixels is NULL. Pictures of more than 100 megapixels are refused before they are decoded. */
TERN_IMAGES_API tern_images_status tern_images_read_file(const char* path, const tern_images_options* options,
                                                         tern_picture* picture);
TERN_IMAGES_API tern_images_status tern_images_read_memory(const void* file, size_t size,
                                                           const tern_images_options* options,
                                                           tern_picture* picture);
/* Frees the pixels, and sets them to NULL. */
TERN_IMAGES_API void tern_images_free(tern_picture* picture);

#ifdef __cplusplus
}
#endif

#endif
