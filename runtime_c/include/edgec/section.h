/* Constants in memories of their own: sections by which a linker's script tells them apart. */
#ifndef EDGEC_SECTION_H
#define EDGEC_SECTION_H

/* Where there are no such names of sections constants stay where all constants are. */
#if defined(__ELF__) && (defined(__GNUC__) || defined(__clang__))
#define EDGEC_SECTION(name) __attribute__((section(name)))
#else
#define EDGEC_SECTION(name)
#endif

#endif
